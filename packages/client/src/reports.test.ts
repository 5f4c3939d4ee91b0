import { describe, expect, it } from 'vitest';
import type { MediaReport } from './media-session.ts';
import { MediaReports } from './reports.ts';

function setUp() {
  const said: MediaReport[] = [];
  return { said, reports: new MediaReports((report) => said.push(report)) };
}
const candidate = (kind: string) => ({ candidate: `candidate:1 1 udp 2113937151 192.0.2.7 50001 typ ${kind} ufrag a` });

describe('reports', () => {
  it('[ST-1] connected is said once, with the path, the kinds that were gathered and the codes of failed servers', () => {
    const { said, reports } = setUp();
    for (const kind of ['host', 'srflx', 'host', 'relay', 'nonsense']) reports.gathered(candidate(kind));
    reports.gathered(null);
    for (const code of [701, 701, 401, 0, 8000]) reports.iceError(code);
    reports.connected('relay', 0);
    reports.connected('host', 1);
    expect(said).toEqual([
      { state: 'connected', path: 'relay', gathered: ['host', 'srflx', 'relay'], iceErrors: [701, 401] },
    ]);
    expect(JSON.stringify(said)).not.toContain('192.0.2');
  });

  it('[ST-1] flowing is said every ten seconds, with the path of that moment', () => {
    const { said, reports } = setUp();
    reports.connected('relay', 0);
    for (let nowMs = 1_000; nowMs <= 30_500; nowMs += 1_000)
      reports.looked(nowMs < 5_000 ? 'relay' : 'srflx', nowMs, nowMs);
    expect(said.slice(1)).toEqual(Array(3).fill({ state: 'flowing', path: 'srflx' }));
  });

  it('[ST-1] flowing is not said when nothing arrives', () => {
    const { said, reports } = setUp();
    reports.looked('host', 1, 60_000);
    expect(said).toEqual([]);
    reports.connected('host', 60_000);
    reports.looked('host', 500, 70_000);
    expect(said.map(({ state }) => state)).toEqual(['connected', 'flowing']);
    reports.looked('host', 500, 80_000);
    expect(said).toHaveLength(2);
    reports.looked('host', 501, 81_000);
    expect(said.map(({ state }) => state)).toEqual(['connected', 'flowing', 'flowing']);
  });

  it('[ST-1] a browser that counts no bytes is believed as long as it is connected', () => {
    const { said, reports } = setUp();
    reports.connected(undefined, 0);
    reports.looked(undefined, undefined, 10_000);
    reports.looked(undefined, undefined, 20_000);
    expect(said).toEqual([{ state: 'connected' }, { state: 'flowing' }, { state: 'flowing' }]);
  });

  it('[ST-1] a failure is said once, and that media flow again at once', () => {
    const { said, reports } = setUp();
    reports.connected('host', 0);
    reports.failed(1_000);
    reports.failed(2_000);
    reports.looked('host', 9, 20_000);
    reports.connected('relay', 21_000);
    expect(said).toEqual([
      { state: 'connected', path: 'host' },
      { state: 'failed' },
      { state: 'flowing', path: 'relay' },
    ]);
  });

  it('[ST-1] a call that never connected says so', () => {
    const { said, reports } = setUp();
    reports.iceError(701);
    reports.failed(0);
    expect(said).toEqual([{ state: 'failed', iceErrors: [701] }]);
  });
});
