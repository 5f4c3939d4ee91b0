import { describe, expect, it } from 'vitest';
import { generationOf, generationsIn, kindOf, LocalCandidates } from './candidates.ts';
import type { CandidateOrEnd } from './media-session.ts';

const candidate = (number: number) => ({ candidate: `candidate:${number}` });

/** Local candidates with a clock that only the test moves. */
function setUp() {
  const batches: CandidateOrEnd[][] = [];
  let due: (() => void) | undefined;
  const local = new LocalCandidates(
    (batch) => batches.push(batch),
    (run, delayMs) => {
      expect(delayMs).toBe(50);
      due = run;
      return () => {
        due = undefined;
      };
    },
  );
  const pass = () => {
    const run = due;
    due = undefined;
    run?.();
  };
  return { local, batches, pass, sleeps: () => due === undefined };
}

describe('local candidates', () => {
  it('[IC-2] wait until their description may be followed, then go in batches of what was found within 50 ms', () => {
    const { local, batches, pass, sleeps } = setUp();
    local.push(candidate(1));
    local.push(candidate(2));
    expect(sleeps()).toBe(true);
    local.release();
    local.push(candidate(3));
    expect(batches).toEqual([]);
    pass();
    local.push(candidate(4));
    pass();
    expect(batches).toEqual([[candidate(1), candidate(2), candidate(3)], [candidate(4)]]);
  });

  it('[IC-3] twenty fill a batch, which then waits no longer', () => {
    const { local, batches, pass } = setUp();
    local.release();
    for (let number = 0; number < 45; number += 1) local.push(candidate(number));
    expect(batches.map((batch) => batch.length)).toEqual([20, 20]);
    pass();
    expect(batches.flat()).toEqual(Array.from({ length: 45 }, (_, number) => candidate(number)));
  });

  it('[IC-3] a hundred go with one negotiation, the end among them, and a hundred with the next', () => {
    const { local, batches } = setUp();
    for (const _ of [1, 2]) {
      local.hold();
      for (let number = 0; number < 150; number += 1) local.push(candidate(number));
      local.push(null);
      local.release();
      local.flush();
      expect(batches.flat()).toHaveLength(100);
      expect(batches.flat().at(-1)).toBeNull();
      batches.length = 0;
    }
  });

  it('those of a description that came to nothing are forgotten, those of the one before it are sent', () => {
    const { local, batches, pass } = setUp();
    const [running, forgotten] = ['a', 'b'].map((usernameFragment) => ({ ...candidate(2), usernameFragment }));
    local.release();
    local.push(candidate(1));
    local.hold();
    local.push(running!);
    local.push(forgotten!);
    local.drop('a=ice-ufrag:a');
    local.push(candidate(3));
    pass();
    expect(batches).toEqual([[candidate(1)], [running, candidate(3)]]);
  });

  it('nothing goes after the end of the call', () => {
    const { local, batches, pass } = setUp();
    local.release();
    local.push(candidate(1));
    local.close();
    pass();
    local.push(candidate(2));
    pass();
    expect(batches).toEqual([]);
  });

  it.each([
    ['candidate:1 1 udp 1 192.0.2.7 9 typ host', 'host'],
    ['candidate:1 1 udp 1 192.0.2.7 9 typ srflx raddr 0.0.0.0 rport 0', 'srflx'],
    ['candidate:1 1 udp 1 192.0.2.7 9 typ hostile', undefined],
    ['', undefined],
  ])('%j is of the kind %s', (text, kind) => {
    expect(kindOf({ candidate: text })).toBe(kind);
  });

  it('a candidate names its generation beside or within its text, or not at all', () => {
    expect(generationOf({ candidate: 'candidate:1 ufrag abcd network-id 1', usernameFragment: null })).toBe('abcd');
    expect(generationOf({ candidate: '', usernameFragment: 'x+/y' })).toBe('x+/y');
    expect(generationOf({ candidate: 'candidate:1' })).toBeUndefined();
    expect(generationOf(null)).toBeUndefined();
    expect(generationsIn('v=0\r\na=ice-ufrag:x+/y\r\nm=audio\r\na=ice-ufrag:z\r\n')).toEqual(new Set(['x+/y', 'z']));
  });
});
