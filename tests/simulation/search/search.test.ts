/** A search of a fixed size in every setup, and the search itself on trial: what it counts as one state, and what it finds. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Action, alphabetOf } from './alphabet.ts';
import { HashSet } from './hash-set.ts';
import { keyOf } from './key.ts';
import { type SetupName, setupOf } from './people.ts';
import { opening } from './play.ts';
import { search } from './search.ts';
import { Stage } from './stage.ts';
import { tell } from './story.ts';

const NEVER = Number.POSITIVE_INFINITY;

/** How far each setup is searched here, and how many distinct states that is at least. */
const SIZES: Record<SetupName, { depth: number; states: number }> = {
  extended: { depth: 3, states: 5_300 },
  plain: { depth: 3, states: 6_500 },
  mixed: { depth: 3, states: 20_000 },
  waiting: { depth: 2, states: 3_500 },
  'extended-prompt': { depth: 5, states: 12_000 },
  'plain-prompt': { depth: 6, states: 35_000 },
  'mixed-prompt': { depth: 5, states: 28_000 },
  'waiting-prompt': { depth: 4, states: 18_000 },
};

test.each(Object.entries(SIZES) as [SetupName, (typeof SIZES)[SetupName]][])(
  '[I1] [I2] [I3] [I4] [I5] [I6] [I7] [I8] [I9] [I10] [I12] [I14] no order of events in the setup %s breaks an invariant',
  async (name, { depth, states }) => {
    const findings = await search(setupOf(name), { depth, states: 200_000, deadline: NEVER });
    expect(findings.broken).toBeUndefined();
    expect(findings.completedDepth).toBe(depth);
    expect(findings.states).toBeGreaterThanOrEqual(states);
    expect(findings.closed).toBeGreaterThan(0);
  },
);

/** The key of the state to which these lines of the alphabet lead. */
async function keyAfter(setup: SetupName, ...lines: string[]): Promise<string> {
  const stage = new Stage();
  const scene = await opening(setupOf(setup), stage);
  for (const line of lines) {
    const action = alphabetOf(setupOf(setup)).find(({ text }) => text === line);
    if (!action) throw new Error(`nothing is called "${line}"`);
    stage.enter(scene);
    await action.run(stage);
  }
  const { high, low } = keyOf(scene, { high: 0, low: 0 });
  return `${high} ${low}`;
}

describe('two states are one', () => {
  const first = ["Anna's phone calls Ben.", "Ben's phone answers the call."];
  test('when only the devices have changed their parts', async () => {
    expect(await keyAfter('extended', "Anna's laptop calls Ben.", "Ben's laptop answers the call.")).toBe(
      await keyAfter('extended', ...first),
    );
  });

  test('when only the people have changed their parts', async () => {
    expect(await keyAfter('extended', "Ben's phone calls Anna.", "Anna's phone answers the call.")).toBe(
      await keyAfter('extended', ...first),
    );
  });

  test('and two when a plain page and a phone have', async () => {
    expect(await keyAfter('mixed', "Anna's page calls Ben.")).not.toBe(
      await keyAfter('mixed', "Anna's phone calls Ben."),
    );
  });

  test('and two when time has passed, or mail has arrived', async () => {
    const lost = [...first, "Anna's phone loses its socket."];
    const read = "Ben's phone gets what is on the way.";
    const keys = [
      await keyAfter('extended', ...lost),
      await keyAfter('extended', ...first, read),
      await keyAfter('extended', ...first, "Ben's phone gets what is on the way, and confirms it."),
      await keyAfter('extended-prompt', ...lost),
      await keyAfter('extended-prompt', ...lost, 'Time passes until just before something is due.'),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe('a fault', () => {
  const setup = setupOf('plain-prompt');
  const honest = alphabetOf(setup);
  /** Once a call is answered, its end is told to a caller who goes on talking. */
  const rogue: Action = {
    id: honest.length,
    text: 'A frame goes astray.',
    isPossible: (scene) => scene.witness.liveCall(0)?.phase === 'active',
    async run({ scene, store }) {
      const { callId, callerSeat, callee } = scene.witness.liveCall(0)!;
      await store.commit({
        expect: { calls: new Map(), users: new Map() },
        calls: [scene.witness.liveCall(0)!],
        effects: [
          {
            type: 'send',
            to: callerSeat.endpoint,
            message: { type: 'call:hang_up', data: { callId, senderId: callee.id, timestamp: '' } },
          },
        ],
      });
    },
    isAboutCalls: false,
    parts: undefined,
  };

  test('is found by a shortest way', async () => {
    const { broken } = await search(setup, { depth: 9, states: 100_000, deadline: NEVER }, [...honest, rogue]);
    expect(broken?.message).toMatch(/^\[I4\]/);
    expect(broken?.way.map((id) => honest[id]?.text ?? rogue.text)).toEqual([
      "Anna's page calls Ben.",
      "Ben's page answers the call.",
      'A frame goes astray.',
    ]);
  });

  test('is told as a story, and played again', async () => {
    const way = ["Anna's page calls Ben.", "Ben's page answers the call."].map((line) =>
      honest.findIndex(({ text }) => text === line),
    );
    const { lines, failure } = await tell(setup, way, true);
    expect(failure).toBeUndefined();
    expect(lines.filter((line) => !line.startsWith(' '))).toEqual([
      "1. Anna's page calls Ben.",
      "2. Ben's page answers the call.",
      'Then everybody leaves, or everybody comes and hangs up.',
    ]);
    expect(lines).toContain('     c1 rings');
    await expect(tell(setup, [way[1] as number])).rejects.toThrow('cannot happen');
  });
});

test('a set of hashes knows what was added to it, and nothing else', () => {
  const set = new HashSet(new SharedArrayBuffer(HashSet.bytesFor(1_000)));
  for (let n = 0; n < 1_000; n += 1) expect(set.add(n * 7, -n)).toBe(true);
  expect(set.add(0, 0)).toBe(false);
  for (let n = 0; n < 1_000; n += 1) expect([set.has(n * 7, -n), set.has(n * 7 + 1, -n)]).toEqual([true, false]);
  expect(set.size).toBe(1_000);
});

describe('npm run search', () => {
  const PROGRAM = join(import.meta.dirname, 'search.program.ts');
  const run = (...args: string[]) =>
    new Promise<{ code: number; said: string }>((resolve) => {
      execFile(process.execPath, ['--conditions=ringdown-source', PROGRAM, ...args], (error, out, complaint) =>
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, said: out + complaint }),
      );
    });

  test('searches on threads, says what it saw, and ends', async () => {
    const { code, said } = await run('--setup', 'plain-prompt', '--depth', '3', '--threads', '2');
    expect(said).toMatch(/^plain-prompt: \d+ distinct states, \d+ transitions/);
    expect(said).toContain('nothing broken');
    expect(code).toBe(0);
  });

  test('plays a way again', async () => {
    const { code, said } = await run('--replay', 'plain-prompt:0');
    expect(said).toBe('1. Time passes until something is due.\nNothing is broken.\n');
    expect(code).toBe(0);
  });

  test.each([
    [['--speed', '9'], '--speed'],
    [['--setup', 'both'], 'there is no setup "both"'],
    [['--depth', 'deep'], '--depth needs a whole number'],
    [['--replay', 'plain'], '"plain" is not a way'],
  ])('refuses %j', async (args, complaint) => {
    const { code, said } = await run(...args);
    expect(said).toContain(complaint);
    expect(code).toBe(2);
  });
});
