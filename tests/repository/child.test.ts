/** How the test script ends what it has started. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runChild } from '../../scripts/testing/child.mjs';

const soon = () => Date.now() + 60_000;
const script = (code: string) => [process.execPath, '-e', code];
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringdown-child-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Whether a process of this id runs. One that has ended and that nobody has asked about yet does not. */
function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const status = `/proc/${pid}/status`;
  return !(existsSync(status) && /^State:\s+Z/m.test(readFileSync(status, 'utf8')));
}

test('a child that ends is told by its exit code', async () => {
  expect(await runChild(script('process.exit(3)'), soon())).toEqual({ code: 3, signal: null, outOfTime: false });
});

test('a child that is killed is told by its signal', async () => {
  const ending = await runChild(script('process.kill(process.pid, "SIGKILL")'), soon());
  expect(ending).toEqual({ code: null, signal: 'SIGKILL', outOfTime: false });
});

test('a program that is not there is a failure and no crash', async () => {
  expect(await runChild([join(folder, 'nothing')], soon())).toMatchObject({ code: 127 });
});

test('nothing is started any more when the time is over', async () => {
  const mark = join(folder, 'mark');
  const ending = await runChild(script(`require('fs').writeFileSync(${JSON.stringify(mark)}, '')`), Date.now());
  expect(ending).toMatchObject({ outOfTime: true });
  expect(existsSync(mark)).toBe(false);
});

test.runIf(existsSync('/proc/self/autogroup'))(
  'a child beside others leaves them the processor, with its whole session',
  async () => {
    const look = `
    const { readFileSync } = require('node:fs');
    const yields = () => require('node:os').getPriority() === 7 && /nice 7$/m.test(readFileSync('/proc/self/autogroup', 'utf8'));
    setInterval(() => yields() && process.exit(0), 20);
  `;
    expect(await runChild(script(look), Date.now() + 5_000, {}, true)).toMatchObject({ code: 0 });
    expect(await runChild(script(look), Date.now() + 500)).toMatchObject({ outOfTime: true });
  },
);

test.runIf(process.platform !== 'win32')('a child out of time is ended with all that it has started', async () => {
  const pids = join(folder, 'pids');
  const ending = await runChild(
    script(`
      const { spawn } = require('node:child_process');
      const grandchild = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
      require('node:fs').writeFileSync(${JSON.stringify(pids)}, process.pid + ' ' + grandchild.pid);
      setInterval(() => {}, 1000);
    `),
    Date.now() + 1_500,
  );
  expect(ending.outOfTime).toBe(true);
  const [child = 0, grandchild = 0] = readFileSync(pids, 'utf8').split(' ').map(Number);
  await expect.poll(() => [lives(child), lives(grandchild)]).toEqual([false, false]);
});
