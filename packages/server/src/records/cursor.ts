/** Where a page of history ended, as an opaque word for the client. Pure. */

/** The last call of a page; the next page begins after it. */
export interface Cursor {
  /** ms since the epoch */
  readonly startedAt: number;
  readonly callId: string;
}

/** Makes the word of a place. */
export function encodeCursor({ startedAt, callId }: Cursor): string {
  return Buffer.from(`${startedAt} ${callId}`).toString('base64url');
}

/** Reads a word back; undefined when it is not one of ours. */
export function decodeCursor(word: string): Cursor | undefined {
  const match = /^([0-9]{1,15}) (\S{1,64})$/.exec(Buffer.from(word, 'base64url').toString());
  const cursor = match?.[1] && match[2] ? { startedAt: Number(match[1]), callId: match[2] } : undefined;
  return cursor && encodeCursor(cursor) === word ? cursor : undefined;
}
