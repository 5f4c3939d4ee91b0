/** Why there is nothing to judge: the command line, the accounts or the server do not allow a run. */

/** The message is one line for a person. */
export class CannotRun extends Error {
  override readonly name = 'CannotRun';
}

/** What an error says in one line: of a failed request, the reason below it. */
export function oneLine(error: unknown): string {
  const { cause, message, code, name } = error as { cause?: unknown; message?: string; code?: string; name?: string };
  if (name === 'TimeoutError') return 'no answer in time';
  if (cause !== undefined) return oneLine(cause);
  return (code ?? message ?? String(error)).split('\n')[0] as string;
}
