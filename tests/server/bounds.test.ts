/** What a client may cost before it has said anything of use: bytes that dribble, headers and fragments without end. */
import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { Person } from './harness/people.ts';
import { startServer, type TestServer } from './harness/server.ts';

/** Sends bytes as they are. @returns the first line of the answer once the connection is closed, and after how long */
function raw(server: TestServer, text: string, dribble?: string): Promise<{ status: string; afterMs: number }> {
  const socket = connect(Number(new URL(server.origin).port), '127.0.0.1');
  const begun = performance.now();
  let answer = '';
  socket.setEncoding('utf8').on('data', (part) => {
    answer += String(part);
  });
  socket.on('error', () => {});
  socket.write(text);
  const timer = dribble === undefined ? undefined : setInterval(() => socket.write(dribble), 1_000);
  onTestFinished(() => void socket.destroy());
  return new Promise((resolve) => {
    socket.on('close', () => {
      clearInterval(timer);
      resolve({ status: answer.split('\r\n')[0] ?? '', afterMs: performance.now() - begun });
    });
  });
}

test('[T44] headers that dribble in are waited for 10 s, and more than 16 KiB of them are not taken', async () => {
  const server = await startServer();
  const large = await raw(server, `GET /livez HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(16 * 1024)}\r\n\r\n`);
  expect(large.status).toBe('HTTP/1.1 431 Request Header Fields Too Large');
  const slow = await raw(server, 'GET /livez HTTP/1.1\r\nHost: x\r\nX: ', 'x');
  expect(slow.status).toBe('HTTP/1.1 408 Request Timeout');
  expect(slow.afterMs).toBeGreaterThan(9_500);
  expect(slow.afterMs).toBeLessThan(13_000);
}, 20_000);

test('[T35] a frame may come in 16 fragments and not in one more, however small they are', async () => {
  const server = await startServer();
  const anna = await Person.signUp(server);
  const socket = await anna.online();
  const send = (fragments: number) => {
    const text = JSON.stringify({ type: 'ping', id: `in ${fragments}`, data: {} });
    for (let n = 0; n < fragments; n += 1) socket.raw.send(n === 0 ? text : '', { fin: n === fragments - 1 });
  };
  send(16);
  expect(await socket.next('ack')).toMatchObject({ id: 'in 16' });
  send(17);
  expect((await socket.closed).code).toBe(1008);
});
