/**
 * Whole conversations, without a network: what sockets send, in what order, with what time between, on the real
 * connections, dispatch, rules and store. An input is a script, a line a step:
 *
 *     a {"type":"call:offer",…}     socket `a` sends this text; `+a …` sends it without waiting for what comes of it
 *     ! binary a                    also: pong, gone (the connection is lost), wait MS, revoke anna
 *
 * Sockets: `a`, `b`, `c` are plain ones of Anna, Ben and Cleo, `A`, `B`, `C` extended ones, `n` and `N` nobody's yet.
 * `{anna}`, `{call}`, `{resume}` and the like are put in when a line is sent.
 */
import { CLIENT_MESSAGES } from '@ringdown/protocol';
import fc from 'fast-check';
import { chanceOf } from '../../recovery/random.ts';
import { fitting, type Schema } from '../inputs/from-schema.ts';
import { spoil } from '../inputs/spoil.ts';
import type { Target } from '../target.ts';
import { Switchboard } from './switchboard.ts';

const WORDS = [
  ...Object.keys(CLIENT_MESSAGES),
  '{anna}',
  '{ben}',
  '{cleo}',
  '{call}',
  '{resume}',
  '{token:anna}',
  '{token:ben}',
  '{group}',
  '\n! wait 61000\n',
  '\n! gone a\n',
  '\n! pong b\n',
  '\n+a ',
  '\nB ',
];
/** What a field may be so that it means something. */
const KNOWN = {
  receiverId: ['{ben}', '{anna}', '{cleo}', '7'],
  callId: ['{call}', '{call}', '{call}', '', 'unknown'],
  token: ['{resume}', '{token:anna}', '{token:ben}', 'x'],
  deviceId: ['phone', 'laptop'],
  conversationId: ['{group}', 'g_none', 'talk'],
};
const MOST_STEPS = 14;
/** Most steps that are taken of a script; more only costs time. */
const MOST_STEPS_TAKEN = 40;

/** Opens it. */
export async function open(): Promise<Target> {
  const board = await Switchboard.open();
  return {
    inputs: scripts(),
    words: WORDS,
    about: ['socket.ts', 'dispatch.ts', 'connections.ts', 'session.ts', 'presence.ts', 'alarm.ts', 'calls.ts']
      .map((file) => `packages/server/src/${file}`)
      .concat(['packages/server/src/call-store/memory.ts', 'packages/server/src/call-store/mailbox.ts']),
    run: (input) => board.play(input.split('\n').slice(0, MOST_STEPS_TAKEN)),
    texts: () => board.said,
    close: () => board.close(),
  };
}

/** Scripts that make calls, with anything else in between, and some lines spoiled. */
function scripts(): fc.Arbitrary<string> {
  const from = fc.constantFrom('a', 'b', 'A', 'B', 'a', 'b', 'c', 'C', 'n', 'N', '+a', '+b', '+A', '+B');
  const anything = fc.oneof(
    ...Object.values(CLIENT_MESSAGES).map((schema) =>
      fitting(schema as unknown as Schema, KNOWN).map((frame) => JSON.stringify(frame)),
    ),
  );
  const said = fc.tuple(from, anything).map((each) => each.join(' '));
  const control = fc.constantFrom(
    ...[
      '! gone a',
      '! gone A',
      '! gone b',
      '! gone B',
      '! pong a',
      '! pong b',
      '! wait 1000',
      '! wait 16000',
      '! wait 61000',
    ],
    ...['! wait 200000', '! binary a', '! revoke anna', '! revoke ben'],
  );
  const offer = '{"type":"call:offer","id":"o","data":{"receiverId":"{ben}","offer":{"type":"offer","sdp":"v=0"}}}';
  const answer = '{"type":"call:answer","id":"n","data":{"callId":"{call}","answer":{"type":"answer","sdp":"v=0"}}}';
  const hello =
    '{"type":"hello","id":"h","data":{"version":1,"deviceId":"phone","caps":["renegotiate","media_state"]}}';
  const resume = `{"type":"hello","data":{"version":1,"deviceId":"phone","resume":{"token":"{resume}","lastSeq":0}}}`;
  const scene = fc.constantFrom<string[]>(
    [],
    [`b {"type":"ping"}`, `a ${offer}`],
    [`b {"type":"ping"}`, `a ${offer}`, `b ${answer}`],
    [`A ${hello}`, `B ${hello}`, `A ${offer}`, `B ${answer}`],
    [`A ${hello}`, `b {"type":"ping"}`, `A ${offer}`, '! gone A', `A ${resume}`],
    [`B ${hello}`, `a ${offer}`, '! gone B', `B ${resume}`],
    ['n {"type":"auth","id":"t","data":{"token":"{token:anna}"}}', `b {"type":"ping"}`, `n ${offer}`],
  );
  const rest = fc.array(fc.oneof({ weight: 4, arbitrary: said }, { weight: 1, arbitrary: control }), {
    maxLength: MOST_STEPS,
  });
  const changes = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 2 ** 32 - 1 })), { maxLength: 4 });
  return fc.tuple(scene, rest, changes).map(([first, then, seeds]) => {
    const lines = [...first, ...then];
    for (const [n, seed] of seeds) {
      const at = n % Math.max(1, lines.length);
      const line = lines[at];
      if (line === undefined) continue;
      const text = line.indexOf(' ') + 1;
      // A line end would make two lines of it.
      lines[at] = line.slice(0, text) + spoil(line.slice(text), chanceOf(seed), WORDS).replaceAll('\n', ' ');
    }
    return lines.join('\n');
  });
}
