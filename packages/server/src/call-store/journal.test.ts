/** The journal: what a killed process leaves behind is taken up, and what cannot be read is set aside. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { admit, transition } from '@ringdown/call';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { createLogger } from '../log.ts';
import { callStoreContract } from './contract.ts';
import { type FileJournal, openJournal } from './journal.ts';
import { MemoryWorld } from './memory.ts';

const lines: string[] = [];
const log = createLogger({ level: 'debug', destination: { write: (line: string) => void lines.push(line) } });

let folder: string;
let file: string;
let now: number;
const opened = new Set<FileJournal>();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringdown-journal-'));
  file = join(folder, 'live.db');
  now = 1_800_000_000_000;
  lines.length = 0;
  onTestFinished(() => {
    for (const journal of opened) journal.close();
    opened.clear();
    rmSync(folder, { recursive: true, force: true });
  });
});

/** A process: a world on the journal's file. A second one while the first lives is what a kill -9 leaves behind. */
function start(): MemoryWorld {
  const journal = openJournal(file, log);
  opened.add(journal);
  return new MemoryWorld(() => now, journal);
}

const party = (id: string) => ({ id, info: { id: Number(id), username: `user ${id}`, avatar: '' } });
const CAN = ['renegotiate', 'media_state'] as const;

async function ringing(world: MemoryWorld) {
  const store = world.open('a');
  for (const endpoint of ['1/phone', '2/phone'] as const) {
    await store.attach(endpoint, {
      sessionId: `s-${endpoint}`,
      language: 'en',
      capabilities: CAN,
      resumeHash: `h-${endpoint}`,
    });
  }
  const admission = admit(
    {
      callId: 'c',
      from: '1/phone',
      language: 'en',
      capabilities: CAN,
      caller: party('1'),
      callee: party('2'),
      offer: { type: 'offer', sdp: 'v=0 secret offer' },
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
      calleeEndpoints: [{ endpoint: '2/phone', language: 'en', capabilities: CAN }],
    },
    now,
  );
  if (admission.verdict !== 'begun') throw new Error('the test call did not begin');
  await store.commit({
    expect: { calls: new Map(), users: new Map() },
    calls: [admission.state],
    effects: admission.effects,
    request: { key: 'k', digest: 'd', reply: 'r' },
  });
  return store;
}

async function apply(world: MemoryWorld, event: Parameters<typeof transition>[1]) {
  const store = world.open('a');
  const row = (await store.read([], ['c'])).calls.get('c');
  if (!row) throw new Error('no such call');
  const { state, effects } = transition(row.state, event, now);
  await store.commit({ expect: { calls: new Map([['c', row.version]]), users: new Map() }, calls: [state], effects });
}

const answer = {
  type: 'answer',
  from: '2/phone',
  language: 'en',
  capabilities: CAN,
  answer: { type: 'answer', sdp: 'v=0' },
  allowed: true,
} as const;
const hangUp = { type: 'hangUp', from: '1/phone', language: 'en', capabilities: CAN } as const;

callStoreContract('memory with a journal', () => {
  let clock = 1_800_000_000_000;
  const place = mkdtempSync(join(tmpdir(), 'ringdown-contract-'));
  const journal = openJournal(join(place, 'live.db'), log);
  onTestFinished(() => {
    journal.close();
    rmSync(place, { recursive: true, force: true });
  });
  const world = new MemoryWorld(() => clock, journal);
  return {
    open: (node) => world.open(node),
    advance: (ms) => {
      clock += ms;
    },
  };
});

test('[DS-2] a ring, its claims, its frames and its requests are there again after a kill', async () => {
  await ringing(start());
  const store = start().open('b');
  const { calls, users, request } = await store.read(['1', '2'], [], 'k');
  expect(calls.get('c')?.state).toMatchObject({ phase: 'ringing', offer: { sdp: 'v=0 secret offer' } });
  expect(users.get('1')?.calls).toHaveLength(1);
  expect(users.get('2')?.roster).toEqual([]);
  expect(request).toEqual({ digest: 'd', reply: 'r' });
  const resumed = await store.attach('2/phone', {
    sessionId: 'new',
    language: 'en',
    capabilities: CAN,
    resume: { hash: 'h-2/phone', lastSeq: 0 },
  });
  expect(resumed).toMatchObject({ resumed: true });
  expect(await store.mailbox('2/phone', 'new', 0, 10)).toMatchObject([{ rings: { callId: 'c' } }]);
});

test('[DS-2] an answer that was committed and not delivered is delivered after a kill', async () => {
  const world = start();
  await ringing(world);
  await apply(world, answer);
  const store = start().open('b');
  const { after } = await store.attach('1/phone', {
    sessionId: 'new',
    language: 'en',
    capabilities: CAN,
    resume: { hash: 'h-1/phone', lastSeq: 0 },
  });
  const frames = await store.mailbox('1/phone', 'new', after, 10);
  expect(Array.isArray(frames) && frames.map(({ text }) => JSON.parse(text).type)).toContain('call:answer');
});

test('[HI-1] a record that was not settled is still to be settled after a kill, and a settled one is not', async () => {
  const world = start();
  await ringing(world);
  await apply(world, hangUp);
  const second = start();
  expect(await second.open('b').unsettled(10)).toMatchObject([{ callId: 'c' }]);
  await second.open('b').settle(['c']);
  second.flush();
  expect(await start().open('c').unsettled(10)).toEqual([]);
});

test('candidates are there again after a kill once they had 100 ms, in order', async () => {
  const world = start();
  const store = await ringing(world);
  await store.relay('1/phone', 's-1/phone', 'c', { single: ['{"a":1,"data":{}}'], whole: '{"a":1,"data":{}}' });
  world.flush();
  const later = start();
  await later.open('b').attach('2/tablet', { sessionId: 't', language: 'en', capabilities: CAN });
  await apply(later, { type: 'attached', endpoint: '2/tablet', language: 'en', capabilities: CAN, resumed: false });
  const frames = await later.open('b').mailbox('2/tablet', 't', 0, 10);
  expect(Array.isArray(frames) && frames.map(({ text }) => JSON.parse(text).type ?? 'candidate')).toEqual([
    'call:offer',
    'candidate',
  ]);
});

test('[I12] a client that saw a frame which was never written down does not go on as if nothing had happened', async () => {
  const world = start();
  const store = await ringing(world);
  // Relayed and delivered as seq 2, and killed before the batch was written.
  await store.relay('1/phone', 's-1/phone', 'c', { single: ['{"a":1,"data":{}}'], whole: '{"a":1,"data":{}}' });
  const later = start();
  await apply(later, hangUp);
  const attached = await later.open('b').attach('2/phone', {
    sessionId: 'new',
    language: 'en',
    capabilities: CAN,
    resume: { hash: 'h-2/phone', lastSeq: 2 },
  });
  expect(attached.resumed).toBe(false);
});

test('[I12] nor after a second kill', async () => {
  const world = start();
  const store = await ringing(world);
  await store.relay('1/phone', 's-1/phone', 'c', { single: ['{"a":1,"data":{}}'], whole: '{"a":1,"data":{}}' });
  await apply(start(), hangUp);
  const attached = await start()
    .open('b')
    .attach('2/phone', {
      sessionId: 'new',
      language: 'en',
      capabilities: CAN,
      resume: { hash: 'h-2/phone', lastSeq: 2 },
    });
  expect(attached.resumed).toBe(false);
});

test('[T33] the file is for its owner alone, and no SDP is left in it after the call', async () => {
  const world = start();
  const store = await ringing(world);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  await apply(world, hangUp);
  for (const endpoint of ['1/phone', '2/phone'] as const) await store.ack(endpoint, `s-${endpoint}`, 99);
  world.flush();
  for (const journal of opened) journal.close();
  opened.clear();
  for (const name of readdirSync(folder)) {
    expect(readFileSync(join(folder, name)).toString('latin1'), name).not.toContain('secret offer');
  }
});

test.each([
  ['garbage', () => writeFileSync(file, 'x'.repeat(8192))],
  [
    'another program’s database',
    () => {
      const foreign = new DatabaseSync(file);
      foreign.exec('create table mine (a); insert into mine values (1)');
      foreign.close();
    },
  ],
  [
    'a row that is not JSON',
    () => {
      openJournal(file, log).close();
      const damaged = new DatabaseSync(file);
      damaged.exec("insert into call values ('c', '{half')");
      damaged.close();
    },
  ],
  [
    'another layout',
    () => {
      openJournal(file, log).close();
      const later = new DatabaseSync(file);
      later.exec('pragma user_version = 99');
      later.close();
    },
  ],
])('a file with %s is set aside with a clear line, and a new one is begun', async (_, prepare) => {
  prepare();
  const store = start().open('a');
  expect((await store.sizes()).calls).toBe(0);
  const aside = readdirSync(folder).filter((name) => name.startsWith('live.db.aside-'));
  expect(aside).toHaveLength(1);
  expect(lines.join('')).toContain('set aside');
  // The next start uses the new file, and sets nothing aside.
  start();
  expect(readdirSync(folder).filter((name) => name.includes('.aside-'))).toEqual(aside);
});

test('a file that somebody else holds is not set aside', () => {
  openJournal(file, log).close();
  const holder = new DatabaseSync(file);
  holder.exec('pragma locking_mode = exclusive; begin immediate; create table held (a); commit');
  expect(() => openJournal(file, log)).toThrow(/locked/);
  expect(readdirSync(folder).filter((name) => name.includes('.aside-'))).toEqual([]);
  holder.close();
});

test('[F16] a disk that cannot be written costs no call, and what was owed is written when it can be', async () => {
  const world = start();
  const blocker = new DatabaseSync(file);
  blocker.exec('begin immediate');
  await ringing(world);
  expect((await world.open('a').sizes()).live).toBe(1);
  expect(lines.join('')).toContain('cannot be written down');
  blocker.exec('rollback');
  blocker.close();
  await apply(world, answer);
  expect(lines.join('')).toContain('written down again');
  const { calls } = await start().open('b').read([], ['c'], 'k');
  expect(calls.get('c')?.state.phase).toBe('active');
});
