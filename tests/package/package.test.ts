/** What an application gets when it installs the SDK: everything it needs, nothing else, and as large as it is said to be. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { API_REPORT, apiReport } from '../../scripts/sdk/api-report.mjs';
import { FROM_PROTOCOL, publicNames, REFERENCE, reference } from '../../scripts/sdk/reference.mjs';
import { BUDGET_BYTES, measureSizes, README, withSizes } from '../../scripts/sdk/sizes.mjs';
import { blocksOf } from '../repository/documents.ts';
import { type Installation, install } from './installation.ts';

const ROOT = resolve(import.meta.dirname, '..', '..');
let installation: Installation;

beforeAll(async () => {
  installation = await install();
}, 120_000);
afterAll(() => installation?.remove());

const inPackage = (name: string, path = '') => join(installation.folder, 'node_modules', '@ringdown', name, path);
const filesOf = (name: string) =>
  readdirSync(inPackage(name), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(inPackage(name).length + 1));
const sourcesOf = (name: string) =>
  readdirSync(join(ROOT, 'packages', name, 'src')).filter((file) => !/(\.test|-for-tests)\.ts$/.test(file));

describe.each([
  [
    'client',
    ['LICENSE', 'README.md', 'REFERENCE.md', 'dist/ringdown.min.js', 'dist/ringdown.min.js.map', 'package.json'],
  ],
  ['protocol', ['LICENSE', 'PROTOCOL.md', 'README.md', 'package.json']],
])('the packed @ringdown/%s', (name, besides) => {
  test('holds its sources, what was built of each, and nothing else', () => {
    const built = sourcesOf(name).flatMap((file) =>
      ['.js', '.js.map', '.d.ts', '.d.ts.map'].map((ending) => `dist/${file.replace(/\.ts$/, ending)}`),
    );
    const sources = sourcesOf(name).map((file) => `src/${file}`);
    expect(filesOf(name).toSorted()).toEqual([...built, ...sources, ...besides].toSorted());
  });

  test('leads from every line that runs to a source that is there', () => {
    const scripts = filesOf(name).filter((file) => /\.js$|\.d\.ts$/.test(file));
    const lost = scripts.filter((file) => {
      const [, map] = /\/\/# sourceMappingURL=(\S+)\s*$/.exec(readFileSync(inPackage(name, file), 'utf8')) ?? [];
      if (map === undefined) return true;
      const folder = dirname(inPackage(name, file));
      const { sources, sourcesContent } = JSON.parse(readFileSync(join(folder, map), 'utf8')) as {
        sources: string[];
        sourcesContent?: (string | null)[];
      };
      return (
        sources.length === 0 ||
        sources.some((source, index) => !sourcesContent?.[index] && !existsSync(resolve(folder, source)))
      );
    });
    expect(scripts.length).toBeGreaterThan(10);
    expect(lost).toEqual([]);
  });

  test('names no folder of the machine it was built on', () => {
    const named = filesOf(name).filter((file) => {
      const text = readFileSync(inPackage(name, file), 'utf8');
      return [ROOT, homedir(), 'file://'].some((path) => text.includes(path));
    });
    expect(named).toEqual([]);
  });

  test('imports its own files and what it says it needs', () => {
    const { dependencies } = JSON.parse(readFileSync(inPackage(name, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    expect(dependencies).toEqual(name === 'client' ? { '@ringdown/protocol': '0.1.0' } : { typebox: '1.4.3' });
    const imported = filesOf(name)
      .filter((file) => file.startsWith('dist/') && file.endsWith('.js'))
      .flatMap((file) => [
        ...readFileSync(inPackage(name, file), 'utf8').matchAll(/(?:^|[;\s}])(?:from|import)\s*\(?['"]([^'"]+)['"]/g),
      ])
      .map(([, specifier = '']) => specifier.replace(/^(typebox)\/.*/, '$1'));
    const foreign = imported.filter((specifier) => !/^\.\/[\w-]+\.js$/.test(specifier));
    expect(imported.length).toBeGreaterThan(5);
    expect([...new Set(foreign)]).toEqual(Object.keys(dependencies));
  });
});

describe('an application that installed the SDK', () => {
  test('makes a call in plain Node with the doubles', async () => {
    const said = await installation.node(`
      import { RingdownClient } from '@ringdown/client';
      import { FakeMedia, FakePeers, FakeService } from '@ringdown/client/testing';
      const [service, peers] = [new FakeService(), new FakePeers()];
      const person = async (id) => {
        const { openSocket, fetch } = service;
        const platform = { openSocket, fetch, openPeer: peers.open, getUserMedia: new FakeMedia().getUserMedia };
        const client = new RingdownClient({ url: 'https://service.test', token: () => 'user-' + id, platform });
        await client.connect();
        return client;
      };
      const [ada, bob] = [await person(1), await person(2)];
      bob.on('incoming', (call) => call.accept());
      const call = await ada.call('2');
      call.on('state', (state) => {
        console.log(state);
        if (state === 'connected') call.hangUp();
        if (state === 'ended') process.exit();
      });
    `);
    expect(said.trim().split('\n').slice(-3)).toEqual(['connecting', 'connected', 'ended']);
  });

  test('can take all of it from one file, which is the same', async () => {
    const names = (...doors: string[]) =>
      installation.node(`
        const doors = await Promise.all(${JSON.stringify(doors)}.map((door) => import(door)));
        console.log(doors.flatMap(Object.keys).sort().join(' '));
      `);
    const parts = await names('@ringdown/client', '@ringdown/client/ringing');
    expect(parts).toContain('RingdownClient');
    expect(parts).toContain('Ringer');
    expect(await names('@ringdown/client/bundle')).toBe(parts);
    const bundle = readFileSync(inPackage('client', 'dist/ringdown.min.js'), 'utf8');
    expect(bundle).not.toMatch(/\b(?:import|require)\s*[({'"`]/);
    expect(bundle).not.toMatch(/typebox|additionalProperties|~kind/i);
  });

  test.each([
    ['Node, with all declarations that it needs', {}],
    // The declarations are the same, and checking those of a dependency takes seconds.
    ['a bundler', { module: 'ESNext', moduleResolution: 'Bundler', skipLibCheck: true }],
  ])('is type-checked as it is resolved by %s', { timeout: 60_000 }, async (_name, options) => {
    await installation.write(
      'consumer.ts',
      `import * as sdk from '@ringdown/client';
       import * as bundle from '@ringdown/client/bundle';
       import * as ringing from '@ringdown/client/ringing';
       import * as testing from '@ringdown/client/testing';
       import * as protocol from '@ringdown/protocol';
       export const client: sdk.RingdownClient = new bundle.RingdownClient({ url: 'https://call.example', token: () => '' });
       client.on('incoming', (call: sdk.Call) => void call.accept());
       client.on('error', ({ code }) => { const known: sdk.RingdownErrorCode = code; return known; });
       export const ringer: ringing.Ringer = new bundle.Ringer(client);
       export const service: testing.FakeService = new testing.FakeService();
       export const advice: 'yes' | 'new-token' | 'no' = protocol.reconnectAdvice(4100);
       // @ts-expect-error a user id is a text
       void client.call(4711);
       // @ts-expect-error there is no such event
       client.on('incomming', () => undefined);
      `,
    );
    expect(await installation.typeCheck(['consumer.ts'], options)).toBe('');
  });
});

describe('the SDK in an application', () => {
  test(`is at most ${BUDGET_BYTES} bytes minified and gzipped, and as large as its README says`, async () => {
    const sizes = await measureSizes();
    expect(sizes[0]?.gzippedBytes).toBeLessThanOrEqual(BUDGET_BYTES);
    const readme = readFileSync(README, 'utf8');
    expect(readme, 'run `npm run sdk`').toBe(withSizes(readme, sizes));
  });

  test('has the public API that is under git: `npm run sdk` writes it', () => {
    expect(readFileSync(API_REPORT, 'utf8')).toBe(apiReport());
  });
});

describe('the documents of the SDK', () => {
  const documents = ['docs/guide/sdk.md', 'packages/client/README.md', 'packages/protocol/README.md', 'README.md'];
  const blocks = documents.flatMap(blocksOf).filter(({ info }) => info[0] === 'ts');
  const guide = readFileSync(join(ROOT, 'docs', 'guide', 'sdk.md'), 'utf8');

  /** What a block takes from the blocks before it. */
  const before = [
    ['client', "declare const client: import('@ringdown/client').RingdownClient;"],
    ['call', "declare const call: import('@ringdown/client').Call;"],
    ['token', "declare const token: import('@ringdown/client').TokenProvider;"],
  ];

  test('show code that is type-checked against the installed packages', async () => {
    const files = await Promise.all(
      blocks.map(async ({ text }, index) => {
        const missing = before
          .filter(([name]) => !new RegExp(`\\b(?:const|function) ${name}\\b`).test(text))
          .map(([, line]) => line);
        await installation.write(`block-${index}.ts`, `${missing.join(' ')}\n${text}\nexport {};\n`);
        return `block-${index}.ts`;
      }),
    );
    expect(files.length).toBeGreaterThan(8);
    expect(await installation.typeCheck(files, { skipLibCheck: true })).toBe('');
  });

  test('make a first call in 20 lines, with what counts for the size', () => {
    const [, afterHeading = ''] = guide.split('\n## A first call\n');
    const [, code = ''] = /```ts\n([\s\S]*?)```/.exec(afterHeading) ?? [];
    expect(code.match(/from '[^']+'/g)).toEqual(["from '@ringdown/client'"]);
    expect(code.split('\n').filter((line) => line.trim() !== '').length).toBeLessThanOrEqual(20);
  });

  test('have every public name in the reference, as it is declared: `npm run sdk` writes it', () => {
    const written = readFileSync(REFERENCE, 'utf8');
    expect(written).toBe(reference());
    const names = ['index.d.ts', 'ringing.d.ts', 'testing.d.ts'].flatMap((door) =>
      publicNames(door).map(({ name }) => name),
    );
    expect(names).toContain('RingdownClient');
    expect(names.filter((name) => !written.includes(`\n### ${name}\n`))).toEqual([]);
  });

  test('describe in the reference every type that a public name is made of', () => {
    const written = readFileSync(REFERENCE, 'utf8');
    const code = blocksOf('packages/client/REFERENCE.md')
      .map(({ text }) => text.replaceAll(/\/\*[\s\S]*?\*\/|'[^']*'/g, ''))
      .join('\n');
    const api = readFileSync(API_REPORT, 'utf8');
    const declared = [...api.matchAll(/^(?:export )?(?:declare )?(?:class|interface|type) (\w+)/gm)].map(
      ([, name = '']) => name,
    );
    const imported = [...api.matchAll(/^import (?:type )?\{([^}]*)\}/gm)].flatMap(([, names = '']) =>
      names.split(',').map((name) => name.trim().replace(/^type /, '')),
    );
    const used = [...new Set([...declared, ...imported])].filter((name) =>
      new RegExp(`(?:[:<=|(&]|extends|implements|readonly)\\s*${name}\\b`).test(code),
    );
    expect(used).toContain('CallType');
    // The doubles speak of whole frames, which the protocol's own documents describe.
    const frames = ['ClientMessage', 'ServerMessage'];
    expect(used.filter((name) => !frames.includes(name) && !written.includes(`\n### ${name}\n`))).toEqual([]);
  });

  test('describe what comes from the protocol as it is there', async () => {
    const lines = Object.entries(FROM_PROTOCOL).map(
      ([name, { shape }]) =>
        `export const to${name} = (given: sdk.${name}): ${shape} => given;
         export const from${name} = (given: ${shape}): sdk.${name} => given;`,
    );
    await installation.write('shapes.ts', `import type * as sdk from '@ringdown/client';\n${lines.join('\n')}\n`);
    expect(await installation.typeCheck(['shapes.ts'], { skipLibCheck: true })).toBe('');
  });

  test.each([
    ['error code', 'RingdownErrorCode'],
    ['end reason', 'EndReason'],
    ['state of a client', 'ConnectionState'],
  ])('say of every %s what it means', (_what, type) => {
    const [, union = ''] = new RegExp(`type ${type} = ([^;]+);`).exec(readFileSync(API_REPORT, 'utf8')) ?? [];
    const words = [...union.matchAll(/'([\w-]+)'/g)].map(([, word = '']) => word);
    expect(words.length).toBeGreaterThan(3);
    expect(words.filter((word) => !new RegExp(`^\\|[^|]*\`${word}\``, 'm').test(guide))).toEqual([]);
  });
});
