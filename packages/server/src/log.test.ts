import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { createLogger } from './log.ts';

const JWT = 'eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiI3In0.c2lnbmF0dXJlLWNhbmFyeQ';
const SDP = 'v=0\r\no=- 46117 2 IN IP4 127.0.0.1\r\ns=-\r\na=ice-ufrag:canary\r\na=ice-pwd:canary\r\n';
const CANDIDATE = 'candidate:1 1 udp 2122260223 192.168.7.21 54321 typ host generation 0 ufrag canary';

/** Everything that must not be found in what is written. */
const SECRETS = /canary|192\.168\.7\.21|2001:db8|fe80::|203\.0\.113\.9|eyJ|IN IP4/;

function written(write: (log: ReturnType<typeof createLogger>) => void): string {
  const lines: string[] = [];
  write(createLogger({ level: 'trace', destination: { write: (line) => lines.push(line) } }));
  expect(lines).toHaveLength(1);
  expect(() => JSON.parse(lines[0] ?? '')).not.toThrow();
  return lines.join('');
}

describe('a log line', () => {
  test.each<[string, (log: ReturnType<typeof createLogger>) => void]>([
    [
      'a field with a dangerous name',
      (log) => log.info({ sdp: 'canary', password: 'canary', Authorization: 'canary' }),
    ],
    [
      'such a field anywhere inside',
      (log) => log.info({ a: [{ b: { refresh_token: 'canary', 'set-cookie': ['canary'] } }] }),
    ],
    [
      'an offer, an answer and candidates',
      (log) => log.info({ offer: { sdp: SDP }, answer: SDP, candidates: [CANDIDATE] }),
    ],
    ['a candidate in an innocent field', (log) => log.info({ detail: `could not add ${CANDIDATE}` })],
    ['an SDP in an innocent field', (log) => log.info({ detail: SDP })],
    ['an SDP inside a JSON text', (log) => log.info({ detail: JSON.stringify({ x: `${SDP}` }) })],
    ['a single attribute line', (log) => log.info('got a=candidate:1 1 udp 1 192.168.7.21 9 typ host')],
    ['a token in the text', (log) => log.info(`bad token ${JWT}`)],
    ['a token in a subprotocol', (log) => log.info({ protocols: `ringdown.plain, bearer.${JWT}` })],
    ['an opaque token after Bearer', (log) => log.info('sent Authorization: Bearer canary-opaque')],
    ['an IPv4 address', (log) => log.info({ from: '192.168.7.21' }, 'from 203.0.113.9:443, gone')],
    [
      'an IPv6 address',
      (log) => log.info({ from: '2001:db8::7' }, 'peer [2001:db8::1]:443 via fe80::1%eth0: gone, x=2001:db8::2'),
    ],
    ['an IPv4 address in IPv6', (log) => log.info('::ffff:192.168.7.21 left')],
    ['an address as a key', (log) => log.info({ '192.168.7.21': 1 })],
    ['a field called address', (log) => log.info({ address: 'canary', remoteAddress: 'canary', ip: 'canary' })],
    [
      'an error, its cause and its fields',
      (log) => {
        const cause = new Error(`no route to 203.0.113.9`);
        log.error({ err: Object.assign(new Error(`rejected ${JWT}`, { cause }), { token: 'canary' }) });
      },
    ],
    ['an error as the whole record', (log) => log.error(new Error(`parse failed at ${SDP}`))],
    [
      'text put together by the logger',
      (log) => log.info('user %s from %s sent %o', '7', '192.168.7.21', { token: 'canary' }),
    ],
    ['what a child logger carries', (log) => log.child({ peer: '192.168.7.21', token: 'canary' }).info('hello')],
  ])('[T33] does not show %s', (_name, write) => {
    expect(written(write)).not.toMatch(SECRETS);
  });

  test('keeps what helps: ids, phases, codes, times and where an error came from', () => {
    const line = written((log) =>
      log.warn(
        { callId: '5b7c0c9e-4a0c-4d4e-9d59-5e4f2f1c9a10', code: 4501, at: '12:34:56', err: new Error('disk full') },
        'call %s',
        'ended',
      ),
    );
    expect(JSON.parse(line)).toMatchObject({
      level: 'warn',
      callId: '5b7c0c9e-4a0c-4d4e-9d59-5e4f2f1c9a10',
      code: 4501,
      at: '12:34:56',
      msg: 'call ended',
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      err: { message: 'disk full', stack: expect.stringContaining('log.test.ts') },
    });
  });

  test('is not written below the level', () => {
    const lines: string[] = [];
    createLogger({ level: 'warn', destination: { write: (line) => lines.push(line) } }).info('quiet');
    expect(lines).toEqual([]);
  });

  test('[T46] is made in time whatever is in it', () => {
    const hostile = [
      ':'.repeat(65_536),
      'f:'.repeat(32_768),
      '1.'.repeat(32_768),
      'eyJ'.repeat(20_000),
      'a='.repeat(30_000),
    ];
    for (const detail of hostile) {
      const start = performance.now();
      written((log) => log.info({ detail }));
      expect(performance.now() - start).toBeLessThan(250);
    }
  });
});

/** Logs 40,000 lines to a standard output that nobody reads, says so on the error output, and ends a while later. */
const TALKER = `
  const { createLogger } = await import(process.argv[1]);
  const log = createLogger({ level: 'info' });
  for (let line = 0; line < 40; line += 1) {
    for (let part = 0; part < 1000; part += 1) log.info({ line, part }, 'a line of some length, as lines are');
    await new Promise((resolve) => setImmediate(resolve));
  }
  process.stderr.write('through');
  process.stdin.on('end', () => log.info('the end'));
  process.stdin.resume();
`;

describe('a log that nobody reads', () => {
  test('[F34] holds nobody up; lines are dropped, and how many is said when somebody reads again', {
    timeout: 30_000,
  }, async () => {
    const args = [
      '--conditions=ringdown-source',
      '--input-type=module',
      '-e',
      TALKER,
      new URL('./log.ts', import.meta.url).href,
    ];
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    const through = await once(child.stderr, 'data');
    expect(String(through[0])).toBe('through');

    const lines: string[] = [];
    let rest = '';
    child.stdout.on('data', (chunk: Buffer) => {
      const parts = (rest + chunk.toString()).split('\n');
      rest = parts.pop() ?? '';
      lines.push(...parts);
      if (lines.at(-1)?.includes('dropped')) child.stdin.end();
    });
    expect(await once(child, 'close')).toEqual([0, null]);
    const told = lines.map((line) => JSON.parse(line) as { msg: string; dropped?: number });
    const dropped = told.find((line) => line.dropped !== undefined)?.dropped ?? 0;
    expect(dropped).toBeGreaterThan(1000);
    expect(told.filter(({ msg }) => msg.startsWith('a line')).length + dropped).toBe(40_000);
    expect(told.at(-1)?.msg).toBe('the end');
  });
});
