/** What is passed on is written down beside the rows it belongs to; a restored store is the one that was killed. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { admit, type Endpoint, transition, userOf } from '@ringdown/call';
import type { ServerMessage } from '@ringdown/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLogger } from '../log.ts';
import { type CallStore, type Seq, STORE_LIMITS } from './call-store.ts';
import { type FileJournal, openJournal } from './journal.ts';
import { MemoryWorld } from './memory.ts';

const NOW = 1_800_000_000_000;
const log = createLogger({ level: 'silent' });
const party = (id: string) => ({ id, info: { id: Number(id), username: `user ${id}`, avatar: '' } });
const CAN = ['renegotiate', 'media_state'] as const;

/** Two calls: each a caller and a callee with an extended and a plain session. */
const CALLS = [
  { callId: 'c1', caller: '1/phone', callees: ['2/phone', '2/~plain'] },
  { callId: 'c2', caller: '3/~plain', callees: ['4/phone'] },
] as const satisfies { callId: string; caller: Endpoint; callees: Endpoint[] }[];
const ENDPOINTS = CALLS.flatMap(({ caller, callees }): Endpoint[] => [caller, ...callees]);

type Act =
  | { do: 'relay'; from: Endpoint; count: number }
  | { do: 'answer'; by: Endpoint }
  | { do: 'renegotiate'; by: Endpoint }
  | { do: 'hangUp'; by: Endpoint }
  | { do: 'ack'; by: Endpoint; part: number }
  | { do: 'flush' };

const callOf = (endpoint: Endpoint) =>
  CALLS.find(({ caller, callees }) => caller === endpoint || callees.some((callee) => callee === endpoint)) ?? CALLS[0];

async function begin(world: MemoryWorld): Promise<CallStore> {
  const store = world.open('a');
  for (const endpoint of ENDPOINTS) {
    await store.attach(endpoint, { sessionId: endpoint, language: 'en', capabilities: CAN, resumeHash: endpoint });
  }
  for (const { callId, caller, callees } of CALLS) {
    const admission = admit(
      {
        callId,
        from: caller,
        language: 'en',
        capabilities: CAN,
        caller: party(userOf(caller)),
        callee: party(userOf(callees[0])),
        offer: { type: 'offer', sdp: 'v=0' },
        callType: 'video',
        ringTimeoutMs: 60_000,
      },
      {
        blocked: false,
        doNotDisturb: false,
        hideBusy: false,
        busyPolicy: 'busy',
        callerCalls: [],
        calleeCalls: [],
        calleeEndpoints: callees.map((endpoint) => ({ endpoint, language: 'en' as const, capabilities: CAN })),
      },
      NOW,
    );
    if (admission.verdict !== 'begun') throw new Error('a call did not begin');
    await store.commit({
      expect: { calls: new Map(), users: new Map() },
      calls: [admission.state],
      effects: admission.effects,
    });
  }
  return store;
}

async function act(
  store: CallStore,
  world: MemoryWorld,
  step: Act,
  n: number,
  seen: Map<Endpoint, Seq>,
): Promise<void> {
  if (step.do === 'flush') return world.flush();
  if (step.do === 'relay') {
    const candidates = Array.from({ length: step.count }, (_, k) => ({ candidate: `${n}.${k}`, sdpMid: '0' }));
    const { callId } = callOf(step.from);
    const frame = (data: object) => JSON.stringify({ type: 'call:ice_candidate', data: { callId, ...data } });
    const frames =
      candidates.length === 1
        ? { single: [frame({ candidate: candidates[0] })], whole: frame({ candidate: candidates[0] }) }
        : { single: candidates.map((candidate) => frame({ candidate })), whole: frame({ candidates }) };
    await store.relay(step.from, step.from, callId, frames);
    return;
  }
  const { callId } = callOf(step.by);
  if (step.do === 'ack') {
    const frames = await store.mailbox(step.by, step.by, seen.get(step.by) ?? 0, 1_000);
    if (!Array.isArray(frames) || frames.length === 0) return;
    const upTo = frames[Math.floor(step.part * (frames.length - 1))]?.seq ?? 0;
    await store.ack(step.by, step.by, upTo);
    seen.set(step.by, upTo);
    return;
  }
  const row = (await store.read([], [callId])).calls.get(callId);
  if (!row) return;
  const who = { from: step.by, language: 'en', capabilities: CAN } as const;
  const sdp = { type: 'answer', sdp: 'v=0' } as const;
  const { state, effects } = transition(
    row.state,
    step.do === 'answer'
      ? { type: 'answer', ...who, answer: sdp, allowed: true }
      : step.do === 'hangUp'
        ? { type: 'hangUp', ...who }
        : { type: 'renegotiate', ...who, offer: { type: 'offer', sdp: 'v=0' } },
    NOW,
  );
  await store.commit({
    expect: { calls: new Map([[callId, row.version]]), users: new Map() },
    calls: [state],
    effects,
  });
}

/** A client that lost its socket resumes. */
async function comeBack(store: CallStore, endpoint: Endpoint, seen: Map<Endpoint, Seq>): Promise<void> {
  const { resumed, after } = await store.attach(endpoint, {
    sessionId: endpoint,
    language: 'en',
    capabilities: CAN,
    resumeHash: endpoint,
    resume: { hash: endpoint, lastSeq: seen.get(endpoint) ?? 0 },
  });
  if (!resumed) seen.set(endpoint, after);
}

/** What a client that comes back with everything up to a position is sent. */
async function resumed(world: MemoryWorld, seen: Map<Endpoint, Seq>): Promise<unknown[]> {
  const store = world.open('b');
  return Promise.all(
    ENDPOINTS.map(async (endpoint) => {
      const lastSeq = seen.get(endpoint) ?? 0;
      const session = { sessionId: 'new', language: 'en', capabilities: CAN, resumeHash: 'new' } as const;
      const attached = await store.attach(endpoint, { ...session, resume: { hash: endpoint, lastSeq } });
      return [endpoint, attached.resumed, await store.mailbox(endpoint, 'new', attached.after, 1_000)];
    }),
  );
}

/** What a client that comes back with nothing is sent, and a device that was not there. */
async function renewed(world: MemoryWorld): Promise<unknown[]> {
  const store = world.open('b');
  const devices = [...ENDPOINTS, '2/late', '4/~late'] as Endpoint[];
  const told: unknown[] = [];
  for (const endpoint of devices) {
    const { after, calls } = await store.attach(endpoint, { sessionId: 'new', language: 'en', capabilities: CAN });
    for (const { callId } of calls) {
      const row = (await store.read([], [callId])).calls.get(callId);
      if (!row) continue;
      const event = { type: 'attached', endpoint, language: 'en', capabilities: CAN, resumed: false } as const;
      const { state, effects } = transition(row.state, event, NOW);
      await store.commit({
        expect: { calls: new Map([[callId, row.version]]), users: new Map() },
        calls: [state],
        effects,
      });
    }
    const frames = await store.mailbox(endpoint, 'new', after, 1_000);
    told.push([endpoint, Array.isArray(frames) ? frames.map(({ text }) => text) : frames]);
  }
  return told;
}

/** Has worlds on one file, as processes that are killed one after the other. */
function place(now = () => NOW): { file: string; folder: string; start: () => MemoryWorld; close: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'ringdown-relays-'));
  const file = join(folder, 'live.db');
  let journals: FileJournal[] = [];
  const close = () => {
    for (const journal of journals) journal.close();
    journals = [];
  };
  return {
    file,
    folder,
    start: () => {
      const journal = openJournal(file, log);
      journals.push(journal);
      return new MemoryWorld(now, journal);
    },
    close,
  };
}

const endpoint = fc.constantFrom(...ENDPOINTS);
const step: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({ do: fc.constant('relay' as const), from: endpoint, count: fc.integer({ min: 1, max: 4 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('ack' as const),
      by: endpoint,
      part: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('answer' as const, 'renegotiate' as const), by: endpoint }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('hangUp' as const), by: endpoint }) },
  { weight: 6, arbitrary: fc.constant({ do: 'flush' } as const) },
);
const life = fc.record({ back: fc.subarray(ENDPOINTS), steps: fc.array(step, { maxLength: 25 }) });

test('[DS-2] whatever was passed on and written down is there again after a kill, once and in order', {
  timeout: 30_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(life, { minLength: 1, maxLength: 3 }), async (lives) => {
      const { folder, start, close } = place();
      try {
        const seen = new Map<Endpoint, Seq>();
        let n = 0;
        let world = start();
        let store = await begin(world);
        for (const [life, { back, steps }] of lives.entries()) {
          if (life > 0) {
            world.flush();
            world = start();
            store = world.open('a');
            for (const each of back) await comeBack(store, each, seen);
          }
          for (const each of steps) await act(store, world, each, n++, seen);
        }
        world.flush();
        const before = world.fork(() => NOW);
        const onlyRead = start().fork(() => NOW);
        expect(await resumed(onlyRead, seen)).toEqual(
          await resumed(
            before.fork(() => NOW),
            seen,
          ),
        );
        // A second kill in a row, now that nothing was written anew.
        expect(await renewed(start().fork(() => NOW))).toEqual(await renewed(before));
      } finally {
        close();
        rmSync(folder, { recursive: true, force: true });
      }
    }),
    { numRuns: 60 },
  );
});

test('[I12] what went to a mailbox that was forgotten is not put into the one its endpoint has after it', async () => {
  let now = NOW;
  const { folder, start, close } = place(() => now);
  try {
    const world = start();
    const store = await begin(world);
    const [caller, callee] = ['1/phone', '2/phone'] as const;
    const send = (n: number) => act(store, world, { do: 'relay', from: caller, count: 1 }, n, new Map());
    for (let n = 0; n < 5; n += 1) await send(n);
    world.flush();
    await store.detach(callee, callee);
    await store.detachTold(callee, callee);
    now += STORE_LIMITS.resumeWindowMs;
    await store.due(10);
    // It comes again and reads on from the beginning, where its former mailbox had further positions already.
    await store.attach(callee, { sessionId: 'again', language: 'en', capabilities: CAN, resumeHash: 'token' });
    const later = start().open('b');
    const resume = { hash: 'token', lastSeq: 0 };
    expect(
      await later.attach(callee, { sessionId: 'last', language: 'en', capabilities: CAN, resumeHash: 'next', resume }),
    ).toMatchObject({ resumed: true });
    expect(await later.mailbox(callee, 'last', 0, 100)).toEqual([]);
  } finally {
    close();
    rmSync(folder, { recursive: true, force: true });
  }
});

test('[HE-2] what was acknowledged does not fill a mailbox once more when it is put back', async () => {
  const { folder, start, close } = place();
  try {
    const world = start();
    const store = await begin(world);
    const message: ServerMessage = { type: 'presence', data: { users: [] } };
    const most = STORE_LIMITS.mailboxFrames - 1;
    await store.commit({
      expect: { calls: new Map(), users: new Map() },
      calls: [],
      effects: Array.from({ length: most }, () => ({ type: 'send' as const, to: '2/phone', message })),
    });
    await store.ack('2/phone', '2/phone', most);
    const seen = new Map<Endpoint, Seq>();
    for (let n = 0; n < 50; n += 1) await act(store, world, { do: 'relay', from: '1/phone', count: 1 }, n, seen);
    world.flush();
    const { resumed } = await start()
      .open('b')
      .attach('2/phone', {
        sessionId: 'new',
        language: 'en',
        capabilities: CAN,
        resume: { hash: '2/phone', lastSeq: most },
      });
    expect(resumed).toBe(true);
  } finally {
    close();
    rmSync(folder, { recursive: true, force: true });
  }
});
