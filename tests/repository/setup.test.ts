/** The setup script in a small made-up clone, with an npm and a Vite that only write down that they ran. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..', '..');
let clone: string;

const VITE = `
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
appendFileSync('../../ran', 'build ');
const out = process.argv[process.argv.indexOf('--outDir') + 1];
mkdirSync(out, { recursive: true });
writeFileSync(out + '/index.html', 'built');
`;

/** Deletes and makes node_modules slowly, as the real one does. */
const NPM = `
const { appendFileSync, mkdirSync, rmSync, writeFileSync } = require('node:fs');
appendFileSync('ran', process.argv[2] + ' ');
rmSync('node_modules', { recursive: true, force: true });
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
mkdirSync('node_modules/vite/bin', { recursive: true });
writeFileSync('node_modules/vite/package.json', '{"type":"module"}');
writeFileSync('node_modules/vite/bin/vite.js', ${JSON.stringify(VITE)});
process.exit(Number(process.env.NPM_FAILS ?? 0));
`;

function put(path: string, content: string): void {
  mkdirSync(dirname(join(clone, path)), { recursive: true });
  writeFileSync(join(clone, path), content);
}

beforeEach(() => {
  clone = mkdtempSync(join(tmpdir(), 'ringdown-setup-'));
  cpSync(join(ROOT, 'scripts'), join(clone, 'scripts'), { recursive: true });
  put('package-lock.json', '{}');
  put('npm-cli.cjs', NPM);
  put('apps/web/src/main.ts', '1');
  put('ran', '');
});
afterEach(() => rmSync(clone, { recursive: true, force: true }));

async function setUp(args: string[], env: Record<string, string> = {}): Promise<{ code: number; output: string }> {
  const child = spawn(process.execPath, ['scripts/setup.mjs', ...args], {
    cwd: clone,
    env: { PATH: '', npm_execpath: join(clone, 'npm-cli.cjs'), npm_node_execpath: process.execPath, ...env },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  const [code] = (await once(child, 'close')) as [number];
  return { code, output };
}

/** What the made-up programs were asked to do so far. */
const ran = () => readFileSync(join(clone, 'ran'), 'utf8').trim();

test('a fresh clone is installed and built, and the second time nothing is done', async () => {
  expect((await setUp(['start'])).code).toBe(0);
  expect(ran()).toBe('ci build');
  expect(readFileSync(join(clone, 'apps/web/dist/index.html'), 'utf8')).toBe('built');
  expect(await setUp(['start'])).toEqual({ code: 0, output: '' });
  expect(ran()).toBe('ci build');
});

test('a changed lock file installs and builds again', async () => {
  await setUp(['start']);
  put('package-lock.json', '{ }');
  await setUp(['start']);
  expect(ran()).toBe('ci build ci build');
});

test('changed sources build again without installing, changed tests do not', async () => {
  await setUp(['start']);
  put('packages/client/src/client.ts', '1');
  await setUp(['start']);
  expect(ran()).toBe('ci build build');
  put('packages/client/src/client.test.ts', '1');
  await setUp(['start']);
  expect(ran()).toBe('ci build build');
});

test('a build that was deleted is made again', async () => {
  await setUp(['start']);
  rmSync(join(clone, 'apps/web/dist'), { recursive: true });
  await setUp(['start']);
  expect(ran()).toBe('ci build build');
});

test('two setups at once install and build once between them', async () => {
  const both = await Promise.all([setUp(['start']), setUp(['start'])]);
  expect(both.map(({ code }) => code)).toEqual([0, 0]);
  expect(ran()).toBe('ci build');
  expect(readdirSync(clone).filter((name) => name.startsWith('.setup.lock'))).toEqual([]);
});

test('a lock left behind by a process that is gone holds nobody up', async () => {
  const gone = spawn(process.execPath, ['--version']);
  await once(gone, 'close');
  put('.setup.lock', String(gone.pid));
  expect((await setUp(['start'])).code).toBe(0);
  expect(existsSync(join(clone, '.setup.lock'))).toBe(false);
});

test('an installation that fails is said so, and is tried again the next time', async () => {
  const { code, output } = await setUp(['start'], { NPM_FAILS: '1' });
  expect(code).toBe(1);
  expect(output).toContain('setup: npm ci failed');
  expect((await setUp(['start'])).code).toBe(0);
  expect(ran()).toBe('ci ci build');
});

test.each([[[]], [['stop']], [['start', 'test']]])('arguments %j are refused and nothing is done', async (args) => {
  const { code, output } = await setUp(args);
  expect(code).toBe(1);
  expect(output).toBe('setup: usage: node scripts/setup.mjs start|test\n');
  expect(ran()).toBe('');
});

test('a CHROMIUM_PATH that leads nowhere is named', async () => {
  const { code, output } = await setUp(['test'], { CHROMIUM_PATH: '/nowhere/chromium' });
  expect(code).toBe(1);
  expect(output).toContain('setup: CHROMIUM_PATH names no executable file: /nowhere/chromium');
});

test('a FIREFOX_PATH that leads nowhere is named', async () => {
  const env = { CHROMIUM_PATH: process.execPath, FIREFOX_PATH: '/nowhere/firefox' };
  const { code, output } = await setUp(['test'], env);
  expect(code).toBe(1);
  expect(output).toContain('setup: FIREFOX_PATH names no executable file: /nowhere/firefox');
});

// Elsewhere a browser may be in a place that no PATH names.
test.runIf(process.platform === 'linux')(
  'without a Firefox one line says what is left out, unless somebody has asked for that',
  async () => {
    const env = { CHROMIUM_PATH: process.execPath, RINGDOWN_WITHOUT: 'turnserver' };
    const { code, output } = await setUp(['test'], env);
    expect(code).toBe(0);
    expect(output).toMatch(/^setup: firefox is missing: calls between Chromium and Firefox are left out .*$/m);
    const asked = await setUp(['test'], { ...env, RINGDOWN_WITHOUT: 'turnserver,firefox' });
    expect(asked.code).toBe(0);
    expect(asked.output).not.toContain('firefox');
  },
);
