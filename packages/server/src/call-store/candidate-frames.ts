/** Candidates of one message for either kind of session; what only plain ones need is made when one of them is there. */
import { encode, type IceCandidate } from '@ringdown/protocol';
import type { CandidateFrames } from './call-store.ts';

type Candidates = { candidate?: IceCandidate | null; candidates?: readonly (IceCandidate | null)[] };

/** Frames that can be made again from the one that holds them all. */
export class MessageFrames implements CandidateFrames {
  readonly whole: string;
  readonly count: number;
  #single: readonly string[] | undefined;

  /** @param whole the frame for extended sessions @param count how many candidates are in it, end marks left out */
  constructor(whole: string, count: number, single?: readonly string[]) {
    this.whole = whole;
    this.count = count;
    this.#single = single;
  }

  get single(): readonly string[] {
    this.#single ??= singlesOf(this.whole);
    return this.#single;
  }
}

/** Makes the frames of a checked message. @param from the id of its sender @param timestamp as it stands on the wire */
export function framesOf(callId: string, from: string, message: Candidates, timestamp: string): MessageFrames {
  const { candidate, candidates } = message;
  const whole = encode({
    type: 'call:ice_candidate',
    data: {
      callId,
      senderId: from,
      ...(candidate !== undefined && { candidate }),
      ...(candidates && { candidates: [...candidates] }),
      timestamp,
    },
  });
  if (candidates) return new MessageFrames(whole, usable(message).length);
  // One that came alone looks the same to both.
  return isUsable(candidate) ? new MessageFrames(whole, 1, [whole]) : new MessageFrames(whole, 0, []);
}

/** Takes frames up that were written down as {@link MessageFrames}. */
export function framesFrom(whole: string): MessageFrames {
  const single = singlesOf(whole);
  return new MessageFrames(whole, single.length, single);
}

function singlesOf(whole: string): readonly string[] {
  const { data } = JSON.parse(whole) as { data: Candidates & { callId: string; senderId: string; timestamp: string } };
  const { callId, senderId, timestamp } = data;
  return usable(data).map((candidate) =>
    encode({ type: 'call:ice_candidate', data: { callId, senderId, candidate, timestamp } }),
  );
}

/** The end-of-candidates marks are left out: a plain browser cannot take them (IC-3). */
function usable({ candidate, candidates = [] }: Candidates): IceCandidate[] {
  return [candidate, ...candidates].filter(isUsable);
}

function isUsable(candidate: IceCandidate | null | undefined): candidate is IceCandidate {
  return candidate !== undefined && candidate !== null && candidate.candidate !== '';
}
