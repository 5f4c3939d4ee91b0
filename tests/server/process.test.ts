/** The command as an operator runs it: how it starts, what it refuses, how it stops. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { offerTo, talk, twoFriends } from './harness/people.ts';
import type { TestServer } from './harness/server.ts';
import { startServer } from './harness/server.ts';

interface Started {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly errors: () => string;
  readonly ended: Promise<number | null>;
}

function start(env: Record<string, string>, args: string[] = []): Started {
  const child = spawn(process.execPath, ['--conditions=ringdown-source', 'packages/server/src/main.ts', ...args], {
    env: { PATH: process.env['PATH'] ?? '', LOG_LEVEL: 'error', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [output, errors] = ['', ''];
  child.stdout.on('data', (chunk) => {
    output += String(chunk);
  });
  child.stderr.on('data', (chunk) => {
    errors += String(chunk);
  });
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  onTestFinished(() => void child.kill('SIGKILL'));
  return { child, output: () => output, errors: () => errors, ended };
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'ringdown-process-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/** A running command, seen as a server of the other tests. */
async function running(): Promise<Started & TestServer> {
  const [port, dataDir] = [await freePort(), folder()];
  const started = start({ PORT: String(port), DATA_DIR: dataDir, PASSWORD_COST: '10' });
  await expect.poll(started.output, { timeout: 10_000 }).toContain('Ringdown is ready');
  return { ...started, origin: `http://127.0.0.1:${port}`, dataDir } as unknown as Started & TestServer;
}

test('a start prints the address and how to make a first call', async () => {
  const { output, origin } = await running();
  expect(output()).toContain(`Ringdown is ready: http://localhost:${new URL(origin).port}`);
  expect(output()).toMatch(/find the other by name/);
});

test('a start with a secret of its own makes the data folder, too', async () => {
  const dataDir = join(folder(), 'data');
  const { output } = start({ PORT: String(await freePort()), DATA_DIR: dataDir, AUTH_JWT_SECRET: 'x'.repeat(32) });
  await expect.poll(output, { timeout: 10_000 }).toContain('Ringdown is ready');
});

test('a start that hashes passwords cheaply warns', async () => {
  const env = { PORT: String(await freePort()), DATA_DIR: folder(), LOG_LEVEL: 'warn' };
  const { output, child, ended } = start({ ...env, PASSWORD_COST: '14' });
  await expect.poll(output, { timeout: 10_000 }).toContain('Ringdown is ready');
  expect(output()).toContain('new passwords are hashed cheaply');
  child.kill('SIGTERM');
  await ended;
  const usual = start(env);
  await expect.poll(usual.output, { timeout: 10_000 }).toContain('Ringdown is ready');
  expect(usual.output()).not.toContain('cheaply');
});

test.each([
  ['PORT', 'eighty', /^ringdown: PORT: expected a whole number from 1 to 65535, got "eighty"\n$/],
  ['LIMITS', '{"offersPerFortnight":1}', /^ringdown: LIMITS: .*offersPerFortnight.*\n$/],
  ['DATABASE_URL', 'postgres://somebody:secret@host/db', /^ringdown: DATABASE_URL: (?!.*secret).*\n$/],
])('%s=%s stops the start with one clear line', async (name, value, line) => {
  const { ended, errors } = start({ DATA_DIR: folder(), [name]: value });
  expect(await ended).toBe(1);
  expect(errors()).toMatch(line);
});

test('an argument nobody knows, and a port that is taken, stop it with one clear line', async () => {
  const unknown = start({ DATA_DIR: folder() }, ['--port=1']);
  expect(await unknown.ended).toBe(1);
  expect(unknown.errors()).toMatch(/^ringdown: unknown argument --port=1.*\n$/);
  const { running: server } = await startServer();
  const taken = start({ DATA_DIR: folder(), PORT: String(server.port) });
  expect(await taken.ended).toBe(1);
  expect(taken.errors()).toMatch(/^ringdown: port \d+ on 127\.0\.0\.1 is taken.*\n$/);
});

test('a data folder that another service uses stops it with one clear line, and nothing in it is touched', async () => {
  const server = await running();
  const [anna, ben] = await twoFriends(server);
  const [a, b] = [await anna.onDevice('phone'), await ben.onDevice('phone')];
  const { callId } = await talk(a, ben, b);
  const second = start({ DATA_DIR: server.dataDir, PORT: String(await freePort()) });
  expect(await second.ended).toBe(1);
  expect(second.errors()).toMatch(/^ringdown: another Ringdown uses the data folder .*\n$/);
  await a.request('call:hang_up', { callId });
  expect((await b.next('call:hang_up')).data.callId).toBe(callId);
});

test('[DS-2] SIGTERM: not ready, no new offers, sockets closed to come back, and an orderly end', async () => {
  const server = await running();
  const [anna, ben] = await twoFriends(server);
  const [a, b] = [await anna.onDevice('phone'), await ben.onDevice('phone')];
  const { callId } = await talk(a, ben, b);
  // A terminal may send Ctrl-C twice within a millisecond: that must not force.
  server.child.kill('SIGINT');
  server.child.kill('SIGTERM');
  await expect.poll(async () => (await fetch(`${server.origin}/readyz`)).status, { interval: 10 }).toBe(503);
  expect((await b.request('call:offer', offerTo(anna))).data).toMatchObject({ code: 503, reason: 'draining' });
  expect(await a.closed).toMatchObject({ code: 4100 });
  expect(await b.closed).toMatchObject({ code: 4100 });
  expect(await server.ended).toBe(0);
  expect(readdirSync(server.dataDir)).toContain('live.db');
  expect(server.errors()).toBe('');
  expect(callId).toBeTruthy();
});

test('[DS-2] [DS-1] after a kill a ring whose caller does not come back ends, also where the callee does', {
  timeout: 40_000,
}, async () => {
  const server = await running();
  const [anna, ben] = await twoFriends(server);
  const [a, b] = [await anna.onDevice('phone'), await ben.onDevice('phone')];
  const { callId } = (await a.request('call:offer', offerTo(ben))).data;
  await b.next('call:offer');
  server.child.kill('SIGKILL');
  await server.ended;
  const again = start({ PORT: new URL(server.origin).port, DATA_DIR: server.dataDir });
  await expect.poll(again.output, { timeout: 10_000 }).toContain('Ringdown is ready');
  const back = await ben.onDevice('phone');
  expect((await back.next('call:offer')).data.callId).toBe(callId);
  expect((await back.next('call:hang_up', 20_000)).data).toMatchObject({ callId, reason: 'connection_lost' });
});

test('[DS-2] a second signal a second later forces the end, though a client does not let go', async () => {
  const server = await running();
  const [anna] = await twoFriends(server);
  const phone = await anna.onDevice('phone');
  // It does not read, so it never answers the goodbye.
  phone.raw.pause();
  server.child.kill('SIGTERM');
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  expect(server.child.exitCode).toBeNull();
  server.child.kill('SIGTERM');
  expect(await server.ended).toBe(1);
});
