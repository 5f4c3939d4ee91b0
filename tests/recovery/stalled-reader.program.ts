/**
 * Runs in a small network: a service, a pair in a call of which one stops reading while the other floods it, and a pair
 * of bystanders. Prints what it saw as one line of JSON.
 *
 * Usage: node --expose-gc stalled-reader.program.ts OFFERS reads-on|never-reads
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger, createServer, readConfig } from '@ringdown/server';
import { Device } from './device.ts';
import { answerOf, offerOf, offerOfSize } from './frames.ts';
import { befriend, Person, type Place } from './person.ts';

/** What came of it. */
export interface StalledReader {
  /** How long the socket of the reader lived on after it stopped reading, ms. */
  readonly endedAfterMs: number;
  /** The close code it saw; 1006 when it never read again. */
  readonly closeCode: number;
  /** What was sent towards it, bytes. */
  readonly floodBytes: number;
  /** How far the memory rose while it was stalled, and what was left of that afterwards, bytes, after a collection. */
  readonly heldBytes: number;
  readonly leftBytes: number;
  /** How long frames between the bystanders took meanwhile, ms. */
  readonly bystanderMs: { readonly median: number; readonly p95: number; readonly worst: number };
  /** Whether it was resumed when it came back, and still had its call. */
  readonly resumed: boolean;
  readonly callsLeft: number;
}

const OFFER_CHARS = 48 * 1024;
/** How long a socket may outlive its reader at the very most, ms. */
const GIVE_UP_MS = 20_000;

async function main(offers: number, readsOn: boolean): Promise<StalledReader> {
  const dataDir = mkdtempSync(join(tmpdir(), 'ringdown-stalled-'));
  const config = readConfig({ DATA_DIR: dataDir, PASSWORD_COST: '10' }, dataDir);
  const limits = { ...config.limits, messagesPerSecond: 10_000, messagesBurst: 10_000 };
  const server = await createServer({ config: { ...config, port: 0, limits }, log: createLogger({ level: 'silent' }) });
  try {
    return await watch(
      { origin: `http://127.0.0.1:${server.port}`, socketUrl: `ws://127.0.0.1:${server.port}/ws` },
      offers,
      readsOn,
    );
  } finally {
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function watch(place: Place, offers: number, readsOn: boolean): Promise<StalledReader> {
  const [anna, ben] = await talking(place, 'anna', 'ben');
  const [cleo, dora] = await talking(place, 'cleo', 'dora');
  const callId = anna.callId;
  const before = memoryBytes();

  const gone = ben.device.closed();
  ben.device.stall();
  const stalledAt = performance.now();
  let watching = true;
  const bystanders = measure(cleo.device, dora.device, cleo.callId, () => watching);
  // Whatever fails first is what is told.
  bystanders.catch(() => {});
  for (let n = 0; n < offers; n += 1) {
    const offer = offerOfSize(`flood ${n}`, OFFER_CHARS);
    await anna.device.request('call:offer', { callId, receiverId: ben.device.person.id, offer });
  }
  const held = memoryBytes() - before;
  if (readsOn) ben.device.readOn();
  // The peer is told when the service has given the socket up.
  await anna.device.next('call:peer_state', callId, GIVE_UP_MS);
  const endedAfterMs = performance.now() - stalledAt;
  ben.device.readOn();
  const closeCode = await gone;
  watching = false;
  const times = (await bystanders).sort((a, b) => a - b);
  ben.device.forget();
  const heldAfter = memoryBytes() - before;
  const resumed = await ben.device.connect();
  const at = (share: number) => times[Math.floor((times.length - 1) * share)] ?? Number.NaN;
  return {
    endedAfterMs,
    closeCode,
    floodBytes: offers * OFFER_CHARS,
    heldBytes: held,
    leftBytes: heldAfter,
    bystanderMs: { median: at(0.5), p95: at(0.95), worst: at(1) },
    resumed,
    callsLeft: ben.device.hellos.at(-1)?.calls.length ?? 0,
  };
}

async function talking(place: Place, ...names: [string, string]) {
  const people = [await Person.signUp(place, names[0]), await Person.signUp(place, names[1])] as const;
  await befriend(...people);
  const [caller, callee] = [new Device(people[0], true), new Device(people[1], true)];
  await caller.connect();
  await callee.connect();
  const { callId = '' } = await caller.request('call:offer', { receiverId: people[1].id, offer: offerOf('first') });
  await callee.request('call:answer', { callId, answer: answerOf('first') });
  await caller.next('call:answer');
  return [
    { device: caller, callId },
    { device: callee, callId },
  ] as const;
}

/** Sends a new offer there every 20 ms or so, and waits for it. @returns how long each took, ms */
async function measure(from: Device, to: Device, callId: string, goesOn: () => boolean): Promise<number[]> {
  const times: number[] = [];
  while (goesOn()) {
    const began = performance.now();
    const came = to.next('call:offer', callId);
    await from.request('call:offer', { callId, receiverId: to.person.id, offer: offerOf('again') });
    await came;
    times.push(performance.now() - began);
    from.forget();
    to.forget();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return times;
}

/** What the process holds after a collection. */
function memoryBytes(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const result = await main(Number(process.argv[2]), process.argv[3] === 'reads-on');
process.stdout.write(`${JSON.stringify(result)}\n`);
process.exit(0);
