/**
 * What every adapter of the call store must keep, as a suite that is run against each. Several handles stand on one
 * store, as several processes would, and give way between reading and committing.
 */
import {
  type Attempt,
  admit,
  type CallId,
  type CallState,
  type Effect,
  type Endpoint,
  transition,
} from '@ringdown/call';
import { encode, type ServerMessage, WIRE_LIMITS } from '@ringdown/protocol';
import { beforeEach, describe, expect, test } from 'vitest';
import { type CallStore, type CandidateFrames, type Commit, type Snapshot, STORE_LIMITS } from './call-store.ts';

/** One store to be tested, and its clock. */
export interface StoreUnderTest {
  /** Opens a handle for a node. */
  open(node: string): CallStore;
  /** Moves the store's clock. */
  advance(ms: number): void;
}

const ANNA: Endpoint = '1/phone';
const BEN: Endpoint = '2/phone';
const BEN_LAPTOP: Endpoint = '2/laptop';
const CLEO: Endpoint = '3/phone';
const RING_MS = 60_000;

const party = (id: string) => ({ id, info: { id: Number(id), username: `user ${id}`, avatar: '' } });
const giveWay = () => new Promise<void>((resolve) => setImmediate(resolve));
const note = (callId: string, reason: string): ServerMessage => ({
  type: 'call:hang_up',
  data: { callId, senderId: '9', reason, timestamp: '2026-01-01T00:00:00.000Z' },
});
/** Candidates of one message, as dispatch encodes them for either kind of session. */
function candidates(...numbers: number[]): CandidateFrames {
  const all = numbers.map((n) => ({ candidate: `candidate:${n}` }));
  const frame = (data: object) =>
    encode({
      type: 'call:ice_candidate',
      data: { callId: 'c', senderId: '1', ...data, timestamp: '2026-01-01T00:00:00.000Z' },
    });
  return {
    single: all.map((each) => frame({ candidate: each })),
    whole: frame(all.length === 1 ? { candidate: all[0] } : { candidates: all }),
  };
}

/** Runs the suite against an adapter. @param name as it stands in the report @param make a new, empty store */
export function callStoreContract(name: string, make: () => StoreUnderTest): void {
  describe(`call store contract: ${name}`, () => {
    let world: StoreUnderTest;
    let store: CallStore;
    let elsewhere: CallStore;

    beforeEach(() => {
      world = make();
      store = world.open('node-a');
      elsewhere = world.open('node-b');
    });

    const attach = (endpoint: Endpoint, on: CallStore = store, sessionId = `s-${endpoint}`) =>
      on.attach(endpoint, { sessionId, language: 'en', capabilities: [] });

    const versions = (snapshot: Snapshot, users: string[], calls: CallId[]): Commit['expect'] => ({
      users: new Map(users.map((user) => [user, snapshot.users.get(user)?.version ?? 0])),
      calls: new Map(calls.map((callId) => [callId, snapshot.calls.get(callId)?.version ?? 0])),
    });
    const nothing: Commit = { expect: { users: new Map(), calls: new Map() }, calls: [], effects: [] };

    /** An offer from Anna to Ben, as calls.ts makes it, once. */
    async function dial(on: CallStore, overrides: Partial<Attempt> = {}, between = giveWay) {
      const attempt: Attempt = {
        callId: 'c',
        from: ANNA,
        language: 'en',
        capabilities: [],
        caller: party('1'),
        callee: party('2'),
        offer: { type: 'offer', sdp: 'v=0' },
        callType: 'video',
        ringTimeoutMs: RING_MS,
        ...overrides,
      };
      const users = [attempt.caller.id, attempt.callee.id];
      const snapshot = await on.read(users, []);
      await between();
      const admission = admit(
        attempt,
        {
          blocked: false,
          doNotDisturb: false,
          hideBusy: false,
          busyPolicy: 'busy',
          callerCalls: snapshot.users.get(attempt.caller.id)?.calls ?? [],
          calleeCalls: snapshot.users.get(attempt.callee.id)?.calls ?? [],
          calleeEndpoints: snapshot.users.get(attempt.callee.id)?.roster ?? [],
        },
        snapshot.now,
      );
      if (admission.verdict !== 'begun') return { result: 'refused' as const, phase: undefined };
      const result = await on.commit({
        expect: versions(snapshot, users, [attempt.callId]),
        calls: [admission.state],
        effects: admission.effects,
      });
      return { result, phase: admission.state.phase };
    }

    /** Any event, as calls.ts applies it, once. */
    async function apply(on: CallStore, event: Parameters<typeof transition>[1], between = giveWay) {
      const snapshot = await on.read([], ['c']);
      await between();
      const row = snapshot.calls.get('c');
      if (!row) return 'unknown';
      const step = transition(row.state, event, snapshot.now);
      const result = await on.commit({
        expect: versions(snapshot, [], ['c']),
        calls: [step.state],
        effects: step.effects,
      });
      return result === 'committed' && !step.reply.ok ? step.reply.reason : result;
    }
    const answer = (from: Endpoint) =>
      ({
        type: 'answer',
        from,
        language: 'en',
        capabilities: [],
        answer: { type: 'answer', sdp: 'v=0' },
        allowed: true,
      }) as const;
    const hangUp = (from: Endpoint) => ({ type: 'hangUp', from, language: 'en', capabilities: [] }) as const;

    async function received(endpoint: Endpoint, on: CallStore = store, after = 0, sessionId = `s-${endpoint}`) {
      const frames = await on.mailbox(endpoint, sessionId, after, 1_000);
      if (typeof frames === 'string') return frames;
      return frames.map(({ text }) => {
        const { type, data } = JSON.parse(text);
        if (data.candidates) return data.candidates.map((each: { candidate: string }) => each.candidate).join(' ');
        return data.candidate
          ? data.candidate.candidate
          : `${type.replace('call:', '')}${data.reason ? `(${data.reason})` : ''}`;
      });
    }

    async function stateOf(callId: CallId): Promise<CallState | undefined> {
      return (await store.read([], [callId])).calls.get(callId)?.state;
    }

    async function ringing(): Promise<void> {
      for (const endpoint of [ANNA, BEN, BEN_LAPTOP]) await attach(endpoint);
      expect(await dial(store)).toEqual({ result: 'committed', phase: 'ringing' });
    }

    describe('commit', () => {
      test('puts states, frames and records in place together', async () => {
        await ringing();
        expect(await stateOf('c')).toMatchObject({ phase: 'ringing' });
        expect(await received(BEN)).toEqual(['offer']);
        expect(await apply(store, hangUp(ANNA))).toBe('committed');
        expect(await received(BEN_LAPTOP)).toEqual(['hang_up(cancelled)']);
        expect(await store.unsettled(10)).toMatchObject([{ callId: 'c', caller: { outcome: 'cancelled' } }]);
      });

      test('does nothing at all when a call it was based on has changed', async () => {
        await ringing();
        const before = await store.read([], ['c']);
        await apply(elsewhere, hangUp(ANNA));
        const frames = await received(BEN);
        const result = await store.commit({
          expect: versions(before, [], ['c']),
          calls: [before.calls.get('c')!.state],
          effects: [{ type: 'send', to: BEN, message: note('c', 'never') }],
          request: { key: 'never', digest: '', reply: '' },
        });
        expect(result).toBe('conflict');
        expect(await stateOf('c')).toMatchObject({ phase: 'ended' });
        expect(await received(BEN)).toEqual(frames);
        expect((await store.read([], [], 'never')).request).toBeUndefined();
      });

      test('conflicts when the roster of a user it was based on has changed, so that no device misses a ring', async () => {
        await attach(ANNA);
        await attach(BEN);
        const { result } = await dial(store, {}, async () => void (await attach(BEN_LAPTOP, elsewhere)));
        expect(result).toBe('conflict');
        expect(await dial(store)).toMatchObject({ phase: 'ringing' });
        expect(await received(BEN_LAPTOP, elsewhere)).toEqual(['offer']);
      });

      test('conflicts when a call it believed new exists already', async () => {
        await ringing();
        const snapshot = await store.read([], []);
        expect(await store.commit({ ...nothing, expect: versions(snapshot, [], ['c']) })).toBe('conflict');
      });

      test('a row that went and came back is not taken for the old one', async () => {
        await attach(ANNA);
        const before = await store.read(['1'], []);
        await store.detach(ANNA, `s-${ANNA}`);
        world.advance(STORE_LIMITS.resumeWindowMs);
        await store.due(1);
        await attach(ANNA);
        expect(await store.commit({ ...nothing, expect: versions(before, ['1'], []) })).toBe('conflict');
      });

      test('[I15] is refused to a session that is no longer the current one of its endpoint', async () => {
        await attach(ANNA);
        await attach(ANNA, elsewhere, 'newer');
        const commit = { ...nothing, effects: [{ type: 'send', to: ANNA, message: note('c', 'x') }] as Effect[] };
        expect(await store.commit({ ...commit, by: { endpoint: ANNA, sessionId: `s-${ANNA}` } })).toBe('fenced');
        expect(await elsewhere.commit({ ...commit, by: { endpoint: ANNA, sessionId: 'newer' } })).toBe('committed');
        await elsewhere.detach(ANNA, 'newer');
        expect(await elsewhere.commit({ ...commit, by: { endpoint: ANNA, sessionId: 'newer' } })).toBe('fenced');
      });

      test('[T7] of answers racing on several nodes exactly one is committed', async () => {
        for (let round = 0; round < 20; round += 1) {
          world = make();
          store = world.open('node-a');
          await ringing();
          const nodes = [store, world.open('node-b'), world.open('node-c')];
          const results = await Promise.all(
            nodes.flatMap((node) => [
              apply(node, answer(BEN)),
              apply(node, answer(BEN_LAPTOP)),
              apply(node, answer(BEN_LAPTOP)),
            ]),
          );
          expect(results.filter((result) => result === 'committed')).toHaveLength(1);
          expect(await received(ANNA)).toEqual(['answer']);
        }
      });

      test('[T15] of callers racing for one callee exactly one rings', async () => {
        for (const endpoint of [ANNA, BEN, CLEO]) await attach(endpoint);
        const results = await Promise.all([
          dial(store),
          dial(elsewhere, { callId: 'd', from: CLEO, caller: party('3') }),
          dial(elsewhere, { callId: 'e', from: CLEO, caller: party('3') }),
        ]);
        expect(results.filter(({ result }) => result === 'committed')).toHaveLength(1);
        expect(await received(BEN)).toEqual(['offer']);
      });

      test('drops a frame for an endpoint nobody knows', async () => {
        const effects: Effect[] = [{ type: 'send', to: BEN, message: note('c', 'x') }];
        expect(await store.commit({ ...nothing, effects })).toBe('committed');
        await attach(BEN);
        expect(await received(BEN)).toEqual([]);
      });
    });

    describe('claims', () => {
      test('[I10] a user’s live calls are read with the user, and are gone with their end', async () => {
        await ringing();
        const ids = async (user: string) =>
          (await store.read([user], [])).users.get(user)?.calls.map((call) => call.callId);
        expect(await ids('1')).toEqual(['c']);
        expect(await ids('2')).toEqual(['c']);
        await apply(store, hangUp(ANNA));
        expect(await ids('1')).toEqual([]);
        expect(await ids('2')).toEqual([]);
      });

      test('a change of a user’s claims conflicts with decisions based on the old ones', async () => {
        await ringing();
        const before = await store.read(['2'], []);
        await apply(elsewhere, hangUp(ANNA));
        expect(await store.commit({ ...nothing, expect: versions(before, ['2'], []) })).toBe('conflict');
      });
    });

    describe('mailbox', () => {
      const send = (to: Endpoint, reason: string) =>
        store.commit({ ...nothing, effects: [{ type: 'send', to, message: note('c', reason) }] });

      test('keeps commit order, is read from any position, and forgets what was acknowledged', async () => {
        await attach(BEN);
        for (const reason of ['one', 'two', 'three']) await send(BEN, reason);
        expect(await received(BEN)).toEqual(['hang_up(one)', 'hang_up(two)', 'hang_up(three)']);
        const frames = await store.mailbox(BEN, `s-${BEN}`, 0, 2);
        expect(frames).toMatchObject([{ seq: 1 }, { seq: 2 }]);
        await store.ack(BEN, `s-${BEN}`, 2);
        expect(await received(BEN, store, 2)).toEqual(['hang_up(three)']);
        await store.ack(BEN, `s-${BEN}`, 99);
        expect(await received(BEN, store, 3)).toEqual([]);
        await send(BEN, 'four');
        expect(await received(BEN, store, 3)).toEqual(['hang_up(four)']);
      });

      const hello = (
        on: CallStore,
        sessionId: string,
        resumeHash: string,
        resume?: { hash: string; lastSeq: number },
      ) => on.attach(BEN, { sessionId, language: 'en', capabilities: [], resumeHash, ...(resume && { resume }) });

      test('[HE-2] goes on while its endpoint is away, for the resume window, for who has its token', async () => {
        await hello(store, 'first', 'one');
        await send(BEN, 'seen');
        await store.detach(BEN, 'first');
        await send(BEN, 'missed');
        world.advance(STORE_LIMITS.resumeWindowMs - 1);
        await store.due(1);
        expect(await hello(elsewhere, 'back', 'two', { hash: 'one', lastSeq: 1 })).toMatchObject({
          resumed: true,
          after: 1,
        });
        expect(await received(BEN, elsewhere, 1, 'back')).toEqual(['hang_up(missed)']);
        await elsewhere.detach(BEN, 'back');
        await elsewhere.detachTold(BEN, 'back');
        world.advance(STORE_LIMITS.resumeWindowMs);
        await store.due(1);
        expect(await hello(store, 'late', 'three', { hash: 'two', lastSeq: 2 })).toMatchObject({ resumed: false });
        expect(await received(BEN, store, 0, 'late')).toEqual([]);
      });

      test('[HE-2] the window is exact, whenever the store gets round to forgetting', async () => {
        await hello(store, 'first', 'one');
        await store.detach(BEN, 'first');
        world.advance(STORE_LIMITS.resumeWindowMs);
        expect(await hello(store, 'late', 'two', { hash: 'one', lastSeq: 0 })).toMatchObject({ resumed: false });
      });

      test('[HE-1] a token is good once; the one before it until the client is known to have the new one', async () => {
        await hello(store, 'a', 'one');
        expect(await hello(store, 'b', 'two', { hash: 'one', lastSeq: 0 })).toMatchObject({ resumed: true });
        // The answer with token two never arrived: the client comes again with token one.
        expect(await hello(store, 'c', 'three', { hash: 'one', lastSeq: 0 })).toMatchObject({ resumed: true });
        await store.confirmToken(BEN, 'c');
        expect(await hello(store, 'd', 'four', { hash: 'one', lastSeq: 0 })).toMatchObject({ resumed: false });
        expect(await hello(store, 'e', 'five', { hash: 'nonsense', lastSeq: 0 })).toMatchObject({ resumed: false });
        expect(await hello(store, 'f', 'six', { hash: 'five', lastSeq: 0 })).toMatchObject({ resumed: true });
      });

      test('[I12] who cannot go on without a gap begins anew, after everything that was', async () => {
        await hello(store, 'a', 'one');
        for (const reason of ['x', 'y', 'z']) await send(BEN, reason);
        await store.ack(BEN, 'a', 2);
        // It claims less than it has acknowledged, and more than there is.
        for (const lastSeq of [1, 4]) {
          await hello(store, 'b', 'one');
          const attached = await hello(store, 'c', 'one', { hash: 'one', lastSeq });
          expect(attached.resumed).toBe(lastSeq >= 3 && lastSeq <= attached.after);
        }
        const { after } = await hello(store, 'd', 'one');
        expect(await received(BEN, store, after, 'd')).toEqual([]);
        await send(BEN, 'new');
        expect(await received(BEN, store, after, 'd')).toEqual(['hang_up(new)']);
      });

      test('[RI-1] tells which ringing offers were among what was acknowledged', async () => {
        await ringing();
        expect(await store.ack(BEN, `s-${BEN}`, 1)).toEqual(['c']);
        expect(await store.ack(BEN, `s-${BEN}`, 1)).toEqual([]);
      });

      test('[I13] overflowing it is a gap, never silence, and what comes after is delivered', async () => {
        await attach(BEN);
        for (let n = 0; n <= STORE_LIMITS.mailboxFrames; n += 1) await send(BEN, String(n));
        expect(await received(BEN)).toBe('gap');
        await send(BEN, 'after');
        expect(await received(BEN, store, STORE_LIMITS.mailboxFrames + 1)).toEqual(['hang_up(after)']);
      });

      test('[I13] holds exactly its bound of frames, and its bound of characters', async () => {
        await attach(BEN);
        for (let n = 0; n < STORE_LIMITS.mailboxFrames; n += 1) await send(BEN, String(n));
        expect(await received(BEN)).toHaveLength(STORE_LIMITS.mailboxFrames);
        await attach(CLEO);
        const large = 'x'.repeat(STORE_LIMITS.mailboxChars / 2);
        await send(CLEO, large);
        expect(await received(CLEO)).toHaveLength(1);
        await send(CLEO, large);
        expect(await received(CLEO)).toBe('gap');
      });

      test('is closed to a session that is not the current one', async () => {
        await attach(BEN);
        await attach(BEN, elsewhere, 'newer');
        expect(await received(BEN)).toBe('fenced');
        await send(BEN, 'x');
        await store.ack(BEN, `s-${BEN}`, 1);
        expect(await received(BEN, elsewhere, 0, 'newer')).toEqual(['hang_up(x)']);
      });

      test('wakes the node that holds the endpoint, after the append', async () => {
        const woken: string[] = [];
        store.onWake((endpoint) => woken.push(`a ${endpoint}`));
        elsewhere.onWake((endpoint) => woken.push(`b ${endpoint}`));
        await attach(BEN, elsewhere);
        await send(BEN, 'x');
        expect(woken).toContain(`b ${BEN}`);
        expect(woken).not.toContain(`a ${BEN}`);
      });

      test('leaves out the offer of a call that has ended, also of one that is forgotten already', async () => {
        await ringing();
        await apply(store, hangUp(ANNA));
        expect(await received(BEN)).toEqual(['hang_up(cancelled)']);
        // As after a long sleep of the machine.
        world.advance(10 * 60_000);
        await store.due(1);
        expect(await stateOf('c')).toBeUndefined();
        expect(await received(BEN)).toEqual(['hang_up(cancelled)']);
      });

      test('[HE-3] a node that still holds a socket is woken when its endpoint attaches elsewhere, and finds it fenced', async () => {
        const woken: Endpoint[] = [];
        await attach(BEN);
        store.onWake((endpoint) => woken.push(endpoint));
        await attach(BEN, elsewhere, 'newer');
        expect(woken).toEqual([BEN]);
        expect(await received(BEN)).toBe('fenced');
      });

      test('[I15] a node that was taken for dead is woken, and finds its sessions lapsed', async () => {
        const woken: Endpoint[] = [];
        await attach(BEN);
        store.onWake((endpoint) => woken.push(endpoint));
        world.advance(STORE_LIMITS.leaseMs);
        for (const { endpoint, sessionId } of await elsewhere.beat()) await elsewhere.detach(endpoint, sessionId);
        expect(woken).toEqual([BEN]);
        expect(await received(BEN)).toBe('lapsed');
      });

      test('[DS-3] a new plain socket hears the ends that the lost one was not seen to receive, and nothing else', async () => {
        const lost: Endpoint = '2/~lost';
        const heir: Endpoint = '2/~heir';
        await attach(lost);
        await send(lost, 'seen');
        await store.ack(lost, `s-${lost}`, 1);
        await store.commit({
          ...nothing,
          effects: [
            { type: 'send', to: lost, message: { type: 'ack', id: 'x', data: {} } },
            { type: 'send', to: lost, message: note('c', 'missed') },
          ],
        });
        await store.detach(lost, `s-${lost}`);
        await attach(heir);
        await store.adoptEnds(heir, `s-${heir}`);
        expect(await received(heir)).toEqual(['hang_up(missed)']);
        await store.adoptEnds(heir, `s-${heir}`);
        expect(await received(heir)).toEqual(['hang_up(missed)']);
      });

      test('[DS-3] [HU-2] an end that was told to two lost plain sockets is told to the next one once', async () => {
        const lost: Endpoint[] = ['2/~one', '2/~two'];
        const heir: Endpoint = '2/~heir';
        for (const each of lost) {
          await attach(each);
          await send(each, 'missed');
          await store.detach(each, `s-${each}`);
        }
        await attach(heir);
        await store.adoptEnds(heir, `s-${heir}`);
        expect(await received(heir)).toEqual(['hang_up(missed)']);
      });
    });

    describe('relay', () => {
      const relay = (from: Endpoint, frames: CandidateFrames, receiverId?: string) =>
        store.relay(from, `s-${from}`, 'c', frames, receiverId);

      test('[IC-1] the caller’s reach the ringing devices and are kept for who joins late, after the offer', async () => {
        await ringing();
        expect(await relay(ANNA, candidates(1, 2))).toBe('ok');
        expect(await received(BEN)).toEqual(['offer', 'candidate:1 candidate:2']);
        const tablet: Endpoint = '2/~tablet';
        await attach(tablet);
        await apply(store, { type: 'attached', endpoint: tablet, language: 'en', capabilities: [], resumed: false });
        expect(await received(tablet)).toEqual(['offer', 'candidate:1', 'candidate:2']);
      });

      test('[IC-1] [IC-2] [AN-3] the callee’s are held and follow its answer; the losers’ are dropped', async () => {
        await ringing();
        await relay(BEN_LAPTOP, candidates(8));
        await relay(BEN, candidates(1, 2));
        expect(await received(ANNA)).toEqual([]);
        await apply(store, answer(BEN));
        expect(await received(ANNA)).toEqual(['answer', 'candidate:1 candidate:2']);
        expect(await relay(BEN_LAPTOP, candidates(9))).toBe('ok');
        expect(await relay(BEN, candidates(3))).toBe('ok');
        expect(await received(ANNA)).toEqual(['answer', 'candidate:1 candidate:2', 'candidate:3']);
      });

      test('[HU-2] after the end they are a silent success for the parties and unknown to anybody else', async () => {
        await ringing();
        await apply(store, hangUp(ANNA));
        const frames = await received(BEN);
        expect(await relay(ANNA, candidates(1))).toBe('ok');
        expect(await received(BEN)).toEqual(frames);
        await attach(CLEO);
        expect(await relay(CLEO, candidates(1))).toBe('unknown');
      });

      test('[RT-1] [T12] only who is bound to the call may send them, and only to the peer', async () => {
        await ringing();
        await attach(CLEO);
        await attach('1/laptop');
        expect(await relay(CLEO, candidates(1))).toBe('unknown');
        expect(await relay('1/laptop', candidates(1))).toBe('foreign');
        expect(await relay(ANNA, candidates(1), '9')).toBe('mismatch');
        expect(await relay(ANNA, candidates(1), '2')).toBe('ok');
        expect(await store.relay(ANNA, 'stale', 'c', candidates(1))).toBe('fenced');
        expect(await store.relay(ANNA, `s-${ANNA}`, 'nothing', candidates(1))).toBe('unknown');
      });

      test('[T38] one side may send its bound and not one more', async () => {
        await ringing();
        const all = Array.from({ length: WIRE_LIMITS.candidatesPerSide }, (_, n) => n);
        expect(await relay(ANNA, candidates(...all))).toBe('ok');
        expect(await relay(ANNA, candidates(100))).toBe('full');
        expect(await received(BEN)).toHaveLength(2);
      });

      test('[DS-3] candidates of a lost plain socket belong to the one that takes its place', async () => {
        const first: Endpoint = '1/~first';
        const second: Endpoint = '1/~second';
        await attach(first);
        await attach(BEN);
        await dial(store, { from: first });
        await relay(first, candidates(1));
        await store.detach(first, `s-${first}`);
        await apply(store, { type: 'detached', endpoint: first });
        await attach(second);
        expect(await relay(second, candidates(2))).toBe('claim');
        await apply(store, { type: 'claim', from: second, language: 'en', capabilities: [] });
        expect(await relay(second, candidates(2))).toBe('ok');
        const tablet: Endpoint = '2/tablet';
        await attach(tablet);
        await apply(store, { type: 'attached', endpoint: tablet, language: 'en', capabilities: [], resumed: false });
        expect(await received(tablet)).toEqual(['offer', 'candidate:1', 'candidate:2']);
      });
    });

    describe('roster', () => {
      test('holds who is attached, at whatever node, and tells an attaching endpoint of its live calls', async () => {
        await ringing();
        const roster = async () => (await store.read(['2'], [])).users.get('2')?.roster.map(({ endpoint }) => endpoint);
        expect(await roster()).toEqual([BEN, BEN_LAPTOP]);
        expect(await store.detach(BEN, `s-${BEN}`)).toMatchObject([{ callId: 'c' }]);
        expect(await roster()).toEqual([BEN_LAPTOP]);
        expect(await attach(BEN, elsewhere, 'back')).toMatchObject({ calls: [{ callId: 'c' }] });
        expect(await roster()).toEqual([BEN, BEN_LAPTOP]);
      });

      test('[I9] what a node that died left in the roster is told to the others, until somebody has detached it', async () => {
        await ringing();
        await attach(CLEO, elsewhere);
        world.advance(STORE_LIMITS.leaseMs - 1);
        expect(await elsewhere.beat()).toEqual([]);
        world.advance(1);
        // Node a has crashed: it says nothing, and detaches nobody.
        const left = await elsewhere.beat();
        expect(left.map(({ endpoint }) => endpoint)).toEqual([ANNA, BEN, BEN_LAPTOP]);
        for (const { endpoint, sessionId } of left) {
          expect(await elsewhere.detach(endpoint, sessionId)).toMatchObject([{ callId: 'c' }]);
          await apply(elsewhere, { type: 'detached', endpoint });
          await elsewhere.detachTold(endpoint, sessionId);
        }
        expect(await elsewhere.beat()).toEqual([]);
        expect(await elsewhere.nextDue()).toBe(elsewhere.now() + 15_000);
        // It was only slow: what it still tries is refused.
        expect(await store.relay(ANNA, `s-${ANNA}`, 'c', candidates(1))).toBe('fenced');
      });

      test('[I9] who was detached by a node that died before it told the calls is left to the others as well', async () => {
        await ringing();
        await store.detach(ANNA, `s-${ANNA}`);
        // Node a has crashed: Anna's call still counts on her.
        world.advance(STORE_LIMITS.leaseMs - 1);
        await elsewhere.beat();
        expect((await elsewhere.beat()).map(({ endpoint }) => endpoint)).not.toContain(ANNA);
        world.advance(1);
        expect(await elsewhere.beat()).toContainEqual({ endpoint: ANNA, sessionId: `s-${ANNA}` });
        expect(await elsewhere.detach(ANNA, `s-${ANNA}`)).toMatchObject([{ callId: 'c' }]);
        await elsewhere.detachTold(ANNA, `s-${ANNA}`);
        expect((await elsewhere.beat()).map(({ endpoint }) => endpoint)).not.toContain(ANNA);
        expect(await elsewhere.detach(ANNA, `s-${ANNA}`)).toBeUndefined();
      });

      test('[I9] an endpoint is not forgotten before its calls were told, and nobody is kept awake for it', async () => {
        await attach(ANNA);
        await store.detach(ANNA, `s-${ANNA}`);
        world.advance(10 * 60_000);
        await store.due(1);
        expect(await store.sizes()).toMatchObject({ endpoints: 1 });
        expect(await store.nextDue()).toBeUndefined();
        await store.detachTold(ANNA, `s-${ANNA}`);
        await store.due(1);
        expect(await store.sizes()).toMatchObject({ endpoints: 0, users: 0 });
      });

      test('a detach of a session that is not current does nothing', async () => {
        await attach(BEN);
        await attach(BEN, elsewhere, 'newer');
        expect(await store.detach(BEN, `s-${BEN}`)).toBeUndefined();
        expect((await store.read(['2'], [])).users.get('2')?.roster).toHaveLength(1);
      });
    });

    describe('time', () => {
      test('[TI-1] a call is due at its deadline, on every node, until a commit moves it', async () => {
        await ringing();
        expect(await store.due(10)).toEqual([]);
        expect(await store.nextDue()).toBe(store.now() + RING_MS);
        world.advance(RING_MS);
        expect(await store.due(10)).toEqual(['c']);
        expect(await elsewhere.due(10)).toEqual(['c']);
        expect(await apply(elsewhere, { type: 'tick' })).toBe('committed');
        expect(await store.due(10)).toEqual([]);
        expect(await received(ANNA)).toEqual(['timeout']);
      });

      test('[HU-2] an ended call is forgotten after its time, and then looks like none', async () => {
        await ringing();
        await apply(store, hangUp(ANNA));
        world.advance(119_999);
        await store.due(1);
        expect(await stateOf('c')).toBeDefined();
        world.advance(1);
        await store.due(1);
        expect(await stateOf('c')).toBeUndefined();
      });

      test('[OF-4] the answer to a request is remembered for five minutes', async () => {
        await store.commit({ ...nothing, request: { key: 'k', digest: 'd', reply: 'r' } });
        world.advance(STORE_LIMITS.requestMemoryMs - 1);
        await store.due(1);
        expect((await elsewhere.read([], [], 'k')).request).toEqual({ digest: 'd', reply: 'r' });
        world.advance(1);
        await store.due(1);
        expect((await elsewhere.read([], [], 'k')).request).toBeUndefined();
      });

      test('[I10] when everybody is gone and everything is over, nothing is left', async () => {
        await ringing();
        await apply(store, hangUp(ANNA));
        for (const endpoint of [ANNA, BEN, BEN_LAPTOP]) {
          await store.detach(endpoint, `s-${endpoint}`);
          await store.detachTold(endpoint, `s-${endpoint}`);
        }
        await store.settle(['c']);
        world.advance(10 * 60_000);
        await store.due(1);
        expect(await store.sizes()).toEqual({ endpoints: 0, users: 0, calls: 0, live: 0, requests: 0, unsettled: 0 });
        expect(await store.nextDue()).toBeUndefined();
      });
    });

    describe('record outbox', () => {
      test('[HI-1] a record waits until it is settled, and settling twice is harmless', async () => {
        await ringing();
        await apply(store, hangUp(ANNA));
        expect(await elsewhere.unsettled(10)).toHaveLength(1);
        await store.settle(['c']);
        await store.settle(['c']);
        expect(await store.unsettled(10)).toEqual([]);
      });
    });
  });
}
