/** Plants files that break the import boundaries in an empty copy of the repository and sees the linter refuse them. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..', '..');
const BIOME = join(ROOT, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');
let copy: string;

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'ringdown-boundaries-'));
  execFileSync('git', ['init', '--quiet', copy]);
  cpSync(join(ROOT, 'biome.json'), join(copy, 'biome.json'));
  cpSync(join(ROOT, 'scripts', 'lint'), join(copy, 'scripts', 'lint'), { recursive: true });
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

/** What the linter says of one file with this content; empty when it lets it pass. */
function complaintAbout(path: string, line: string): string {
  const file = join(copy, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${line}\n`);
  const rules = ['style/noRestrictedImports', 'style/noRestrictedGlobals', 'style/noCommonJs', 'plugin'];
  const only = rules.map((rule) => `--only=${rule}`);
  const done = spawnSync(process.execPath, [BIOME, 'lint', '--colors=off', ...only, path], {
    cwd: copy,
    encoding: 'utf8',
  });
  rmSync(file);
  return done.status === 0 ? '' : done.stdout + done.stderr;
}

const refused: [path: string, line: string, rule: string][] = [
  ['packages/protocol/src/x.ts', `import '@ringdown/call';`, 'noRestrictedImports'],
  ['packages/protocol/src/x.ts', `import 'node:fs';`, 'noRestrictedImports'],
  ['packages/protocol/src/x.ts', `import 'ws';`, 'noRestrictedImports'],
  ['packages/protocol/src/deep/x.ts', `import '../../../call/src/state.ts';`, 'noRestrictedImports'],
  ['packages/call/src/x.ts', `import '@ringdown/server';`, 'noRestrictedImports'],
  ['packages/call/src/x.ts', `import type { Server } from 'node:http';`, 'noRestrictedImports'],
  ['packages/call/src/x.ts', `import 'typebox';`, 'noRestrictedImports'],
  ['packages/call/src/x.ts', `export * from '../../server/src/config.ts';`, 'noRestrictedImports'],
  ['packages/call/src/x.ts', `export const now = Date.now();`, 'noRestrictedGlobals'],
  ['packages/call/src/x.ts', `export const now = performance.now();`, 'noRestrictedGlobals'],
  ['packages/call/src/x.ts', `setTimeout(() => {}, 1);`, 'noRestrictedGlobals'],
  ['packages/call/src/x.ts', `export const id = crypto.randomUUID();`, 'noRestrictedGlobals'],
  ['packages/call/src/x.ts', `console.error('x');`, 'noRestrictedGlobals'],
  ['packages/call/src/x.ts', `export const D = globalThis.Date;`, 'noRestrictedGlobals'],
  ['packages/call/src/x.ts', `export const dice = Math.random();`, 'plugin'],
  ['packages/call/src/x.ts', `export const { random } = Math;`, 'plugin'],
  ['packages/client/src/x.ts', `import '@ringdown/call';`, 'noRestrictedImports'],
  ['packages/client/src/x.ts', `import 'lit';`, 'noRestrictedImports'],
  ['packages/client/src/x.ts', `await import('@ringdown/server');`, 'noRestrictedImports'],
  ['packages/server/src/x.ts', `import '@ringdown/client';`, 'noRestrictedImports'],
  ['packages/server/src/http/x.ts', `import '@ringdown/web';`, 'noRestrictedImports'],
  ['packages/server/src/x.ts', `import '../../../apps/web/src/main.ts';`, 'noRestrictedImports'],
  ['packages/server/src/x.ts', `import '@ringdown/protocol/src/codec.ts';`, 'noRestrictedImports'],
  ['packages/server/src/x.ts', `export type Call = import('@ringdown/client').Call;`, 'plugin'],
  ['packages/server/src/x.ts', `const call = require('@ringdown/client');`, 'noCommonJs'],
  ['packages/server/src/auth/x.ts', `import '../directory/sql-directory.ts';`, 'noRestrictedImports'],
  ['packages/server/src/records/x.ts', `import '../call-store/memory.ts';`, 'noRestrictedImports'],
  ['packages/server/src/directory/x.ts', `import '../dispatch.ts';`, 'noRestrictedImports'],
  ['packages/server/src/turn/x.ts', `import '@ringdown/client';`, 'noRestrictedImports'],
  ['apps/web/src/x.ts', `import '@ringdown/server';`, 'noRestrictedImports'],
  ['apps/web/src/x.ts', `import '../../../packages/client/src/call.ts';`, 'noRestrictedImports'],
  ['apps/web/src/x.ts', `import 'node:fs';`, 'noRestrictedImports'],
  ['tests/e2e/x.test.ts', `import '../../packages/server/src/config.ts';`, 'noRestrictedImports'],
  ['packages/server/src/x.test.ts', `import '../../client/src/call.ts';`, 'noRestrictedImports'],
  ['tests/conformance/x.ts', `import { createServer } from '@ringdown/server';`, 'noRestrictedImports'],
  ['tests/conformance/x.ts', `import '@ringdown/client';`, 'noRestrictedImports'],
  ['tests/conformance/x.ts', `import '../server/harness/people.ts';`, 'noRestrictedImports'],
  ['tests/conformance/x.ts', `import '../../packages/server/src/config.ts';`, 'noRestrictedImports'],
  ['tests/conformance/x.ts', `import '../../packages/protocol/src/codec.ts';`, 'noRestrictedImports'],
  ['tests/conformance/x.ts', `await import('@ringdown/server');`, 'noRestrictedImports'],
  ['tests/conformance/x.ts', `import 'vitest';`, 'noRestrictedImports'],
  ['tests/conformance/scenarios/x.ts', `import '../../server/harness/people.ts';`, 'noRestrictedImports'],
  ['tests/conformance/scenarios/plain/x.ts', `import '../../../server/harness/people.ts';`, 'noRestrictedImports'],
  ['tests/conformance/scenarios/plain/x.ts', `import '@ringdown/server';`, 'noRestrictedImports'],
];

const allowed: [path: string, line: string][] = [
  // What reads a stranger's text is fuzzed where it is, behind the doors.
  ['tests/fuzz/targets/x.ts', `import '../../../packages/server/src/redaction.ts';`],
  ['packages/protocol/src/deep/x.ts', `import '../codec.ts';`],
  ['packages/protocol/src/x.ts', `import { Compile } from 'typebox/compile';`],
  ['packages/protocol/src/x.test.ts', `import 'node:fs';`],
  ['packages/call/src/x.ts', `import type { CallType } from '@ringdown/protocol';`],
  ['packages/call/src/x.ts', `export const most = Math.max(1, 2);`],
  ['packages/call/src/x.test.ts', `import 'fast-check';`],
  ['packages/client/src/x.ts', `import { CLOSES } from '@ringdown/protocol';`],
  ['packages/server/src/x.ts', `import 'node:fs';`],
  ['packages/server/src/auth/x.ts', `import '../db/database.ts';`],
  ['packages/server/src/auth/x.ts', `import type { Directory } from '../directory/directory.ts';`],
  ['packages/server/src/http/x.ts', `import '../auth/tokens.ts';`],
  ['apps/web/src/x.ts', `import { html } from 'lit';`],
  ['apps/web/src/views/x.ts', `import { RingdownClient } from '@ringdown/client';`],
  ['tests/e2e/x.test.ts', `import '@ringdown/protocol';`],
  ['tests/repository/x.test.ts', `import '../../scripts/testing/tally.mjs';`],
  ['tests/conformance/x.ts', `import { ERRORS } from '@ringdown/protocol';`],
  ['tests/conformance/x.ts', `import './scenarios/all.ts';`],
  ['tests/conformance/x.ts', `import { WebSocket } from 'ws';`],
  ['tests/conformance/scenarios/x.ts', `import type { Scenario } from '../scenario.ts';`],
  ['tests/conformance/scenarios/plain/x.ts', `import { ring } from '../../calls.ts';`],
];

describe('the import boundaries', () => {
  test.each(refused)('%s may not say: %s', (path, line, rule) => {
    expect(complaintAbout(path, line)).toContain(rule);
  });

  test.each(allowed)('%s may say: %s', (path, line) => {
    expect(complaintAbout(path, line)).toBe('');
  });
});
