/** The kit against the real service, whole and broken on purpose: it must see every fault, and nothing else. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { register } from './accounts.ts';
import { type Breakage, breakServer } from './harness/breaking-proxy.ts';
import { FAULTY_SERVERS, type FaultyServer } from './harness/faults.ts';
import { type RealServer, startRealServer } from './harness/real-server.ts';
import { Pace } from './pace.ts';
import { look } from './preflight.ts';
import { type Report, type ScenarioReport, Terminal } from './report.ts';
import { run } from './run.ts';
import type { Group } from './scenarios/all.ts';

const MAIN = resolve(import.meta.dirname, 'main.ts');
/** A frame that does not come in this time does not come: all is on one machine… */
const PATIENCE_MS = 1_500;
/** …which may be busy: what nobody broke is given more time before it is believed to be broken. */
const LONG_PATIENCE_MS = 10_000;
const QUIET_MS = 10;

let server: RealServer;
let whole: { code: number; output: string; report: Report };
let contractAlone: Report;
let broken: Report[];

// At once, since mostly they wait for what does not come; what waits little stands in one queue.
beforeAll(async () => {
  server = await startRealServer();
  const [first, second, third] = FAULTY_SERVERS;
  const [ofWhole, [ofFirst, ofThird, ofContract], [ofSecond]] = await Promise.all([
    judgeWhole(),
    judgeInTurn(judged(first), judged(third), CONTRACT_ALONE),
    judgeInTurn(judged(second)),
  ]);
  whole = ofWhole;
  contractAlone = ofContract as Report;
  broken = [ofFirst as Report, ofSecond as Report, ofThird as Report];
}, 90_000);
afterAll(() => server.stop());

/** A server that knows nothing that the contract does not have: no acknowledgement, no ping, no second subprotocol. */
const CONTRACT_ALONE: Judged = {
  only: 'contract',
  failing: [],
  breakages: [
    {
      said: (frame, { extended }) => (frame.type === 'ping' || extended ? undefined : frame),
      heard: (frame) => (frame.type === 'ack' ? undefined : frame),
    },
  ],
};

/** What is played against what. */
interface Judged {
  readonly only: Group | 'contract';
  readonly breakages: readonly Breakage[];
  /** The scenarios that fail with them. */
  readonly failing: readonly string[];
}

const judged = ({ only, faults }: FaultyServer): Judged => ({
  only,
  breakages: faults.map(({ breakage }) => breakage),
  failing: faults.flatMap(({ seenBy }) => Object.keys(seenBy)),
});

/** Runs the command as a person does, against the service as it is. */
async function judgeWhole(): Promise<typeof whole> {
  const folder = mkdtempSync(join(tmpdir(), 'ringdown-conformance-report-'));
  try {
    const file = join(folder, 'report.json');
    const args = ['--url', server.url, '--register', '--json', file, '--timeout', '60'];
    const kit = spawn(process.execPath, ['--conditions=ringdown-source', MAIN, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [kit.stdout, kit.stderr]) {
      stream.on('data', (chunk) => {
        output += String(chunk);
      });
    }
    const [code] = (await once(kit, 'close')) as [number];
    return { code, output, report: JSON.parse(readFileSync(file, 'utf8')) as Report };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const told = ({ name, expected, got }: ScenarioReport) => `${name}: expected ${expected}, got ${got}`;
const failed = ({ scenarios }: Report) => scenarios.filter(({ state }) => state === 'failed');

/** Plays against broken servers, one after the other, with the same three accounts. */
async function judgeInTurn(...servers: readonly Judged[]): Promise<Report[]> {
  const troupe = await register(server, 2, 1);
  const past = new Set<string>();
  const reports: Report[] = [];
  for (const { only, breakages, failing } of servers) {
    const proxy = await breakServer(server, breakages);
    try {
      const target = { url: proxy.url, rest: proxy.rest };
      const pace = new Pace(PATIENCE_MS, QUIET_MS, false);
      const offered = await look(target, troupe, pace);
      const theatre = { target, offered, pace: pace.fresh(offered.ping), past };
      const choice = { only, scenarios: [], slow: false, timeoutMs: 60_000 };
      const silent = new Terminal(() => {}, false);
      const report = await run(choice, troupe, theatre, silent);
      const doubtful = failed(report).filter(({ name }) => !failing.includes(name));
      const again = { ...choice, scenarios: doubtful.map(({ name }) => name) };
      const patient = { ...theatre, pace: new Pace(LONG_PATIENCE_MS, QUIET_MS, offered.ping) };
      // With other people: a play that was given up may have left a call that rings.
      const second =
        doubtful.length > 0 ? (await run(again, await register(server, 2, 1), patient, silent)).scenarios : [];
      const scenarios = report.scenarios.map((first) => second.find(({ name }) => name === first.name) ?? first);
      reports.push({ ...report, scenarios });
    } finally {
      await proxy.stop();
    }
  }
  return reports;
}

test('the service conforms: every scenario that needs no waiting for time limits is played and passes', () => {
  const { code, output, report } = whole;
  expect(code, output).toBe(0);
  expect(report.totals.failed).toBe(0);
  expect(report.groups.plain.passed).toBeGreaterThan(120);
  expect(report.groups.extended.passed).toBeGreaterThan(50);
  expect(report.scenarios.filter(({ state, why }) => state === 'skipped' && !why?.includes('--slow'))).toEqual([]);
  expect(output).toMatch(/\nall +\d+ passed, 0 failed, \d+ skipped, in \d+\.\d s\nconforms\n$/);
  // Colours are for terminals.
  expect(output).not.toContain('\u001b[');
});

test('a server that knows the contract alone is judged by the contract, and conforms', () => {
  const { totals, extendedOffered } = contractAlone;
  expect(failed(contractAlone).map(told)).toEqual([]);
  expect(extendedOffered).toBe(false);
  expect(totals.passed).toBeGreaterThan(20);
});

describe.each([...FAULTY_SERVERS.entries()])('broken server %i', (n, { faults }) => {
  test.each(faults)('[$rule] a server that $name is seen, and told why', ({ rule, also = [], seenBy }) => {
    for (const [name, reason] of Object.entries(seenBy)) {
      const seen = broken[n]?.scenarios.find((scenario) => scenario.name === name);
      expect(seen, name).toMatchObject({ state: 'failed', expected: expect.stringMatching(reason) });
      expect(seen?.got).toBeTruthy();
      expect(
        seen?.rules.some((each) => each === rule || also.includes(each)),
        name,
      ).toBe(true);
      expect(seen?.sources?.map((source) => source.rule)).toEqual(seen?.rules);
    }
  });

  test('no other scenario fails', () => {
    const expected = faults.flatMap(({ seenBy }) => Object.keys(seenBy));
    const others = failed(broken[n] as Report).filter(({ name }) => !expected.includes(name));
    expect(others.map(told)).toEqual([]);
  });
});
