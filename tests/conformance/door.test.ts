/** The kit's own door: what it cannot judge costs one clear line and code 2, in bounded time. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { resolve } from 'node:path';
import { describe, type TestContext, test } from 'vitest';
import { WebSocketServer } from 'ws';

const MAIN = resolve(import.meta.dirname, 'main.ts');
/** Long enough for a server on a busy machine, short enough to be waited for, ms. */
const PATIENCE = ['--patience', '1500'];
/** Two accounts whose ids need no asking. */
const TWO = ['--token', '1:anna', '--token', '2:ben'];

/** Several processes start at once, on a machine that may be busy. */
const PROCESSES = { timeout: 30_000 };

interface Ended {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

/** Runs the command as a person does. */
async function conformance({ onTestFinished }: TestContext, ...args: string[]): Promise<Ended> {
  const child = spawn(process.execPath, ['--conditions=ringdown-source', MAIN, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let [output, errors] = ['', ''];
  child.stdout.on('data', (chunk) => {
    output += String(chunk);
  });
  child.stderr.on('data', (chunk) => {
    errors += String(chunk);
  });
  const [code] = (await once(child, 'close')) as [number];
  return { code, output, errors };
}

/** Listens on a free loopback port until the test is over. @returns `127.0.0.1:port` */
async function listening({ onTestFinished }: TestContext, server: Server): Promise<string> {
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.on('error', () => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe.concurrent('the command line', PROCESSES, () => {
  test('an option nobody knows is refused with one line and code 2', async (context) => {
    const { expect } = context;
    expect(await conformance(context, '--nope')).toEqual({
      code: 2,
      output: '',
      errors: `conformance: Unknown option '--nope'. See --help\n`,
    });
  });

  test('--help says what there is', async (context) => {
    const { expect } = context;
    const help = await conformance(context, '--help');
    expect(help).toMatchObject({ code: 0, errors: '', output: expect.stringContaining('--scenario WORD') });
  });
});

describe.concurrent('a server that is none', PROCESSES, () => {
  test('cannot be reached: said with the reason', async (context) => {
    const { expect } = context;
    const { code, errors } = await conformance(context, '--url', 'ws://127.0.0.1:1/ws', '--register');
    expect(errors).toBe('conformance: ws://127.0.0.1:1/ws cannot be reached: ECONNREFUSED\n');
    expect(code).toBe(2);
  });

  test('accepts and never answers: said within the patience', async (context) => {
    const { expect } = context;
    const host = await listening(context, createServer());
    const { code, errors } = await conformance(context, '--url', `ws://${host}/ws`, '--register', ...PATIENCE);
    expect(errors).toBe(`conformance: ws://${host}/ws did not answer the WebSocket upgrade within 1500 ms\n`);
    expect(code).toBe(2);
  });

  test('speaks HTTP only: said with the status it answered', async (context) => {
    const { expect } = context;
    const host = await listening(
      context,
      createHttpServer((_, response) => response.writeHead(200).end('hello')),
    );
    const { code, errors } = await conformance(context, '--url', `ws://${host}/ws`, ...TWO, ...PATIENCE);
    expect(errors).toBe(`conformance: ws://${host}/ws is no WebSocket: it answered the upgrade with HTTP 200\n`);
    expect(code).toBe(2);
  });

  test('opens sockets and answers nothing: said after a ping, an offer and nonsense', async (context) => {
    const { expect } = context;
    const http = createHttpServer((_, response) => response.writeHead(404).end());
    new WebSocketServer({ server: http });
    const host = await listening(context, http);
    const { code, errors } = await conformance(context, '--url', `ws://${host}/ws`, ...TWO, ...PATIENCE);
    expect(errors).toMatch(/^conformance: the server opened a socket and answered nothing: .*\n$/);
    expect(code).toBe(2);
  });

  test('answers, and everything wrong: judged, with code 1, and over when the time is up', async (context) => {
    const { expect } = context;
    const http = createHttpServer((_, response) => response.writeHead(404).end());
    const sockets = new WebSocketServer({ server: http });
    sockets.on('connection', (socket) => socket.on('message', () => socket.send('{"type":"hello","data":7}')));
    const host = await listening(context, http);
    const { code, output } = await conformance(
      context,
      '--url',
      `ws://${host}/ws`,
      ...TWO,
      ...PATIENCE,
      '--timeout',
      '3',
    );
    expect(code).toBe(1);
    expect(output).toMatch(/✗ ice-servers: .*\n +expected {2}the status to be 200\n +got {7}404\n/);
    expect(output).toContain('the time was up before all were played');
    expect(output).toMatch(/skipped: it needs a third account/);
    // By its own clock: how soon a process begins on a busy machine says nothing of it.
    expect(Number(/ in ([\d.]+) s\n/.exec(output)?.[1])).toBeLessThan(6);
  });
});
