/** What comes from outside: named, pinned, checked by its hash, and running nothing when it is installed. */
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { read } from './documents.ts';

interface Locked {
  readonly integrity?: string;
  readonly link?: boolean;
  readonly hasInstallScript?: boolean;
}
const locked = Object.entries(
  (JSON.parse(read('package-lock.json')) as { packages: Record<string, Locked> }).packages,
).filter(([path, { link }]) => path.includes('node_modules/') && !link);

test('[T54] every package is locked by its hash, and none has an install script', () => {
  expect(locked.length).toBeGreaterThan(100);
  expect(locked.filter(([, { integrity }]) => !integrity?.startsWith('sha512-')).map(([path]) => path)).toEqual([]);
  expect(locked.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path)).toEqual([]);
});

test('[T54] the parts that run need few others, each at one version', () => {
  const needed = readdirSync('packages').flatMap((name) => {
    const { dependencies = {} } = JSON.parse(read(`packages/${name}/package.json`)) as {
      dependencies?: Record<string, string>;
    };
    return Object.entries(dependencies).filter(([dependency]) => !dependency.startsWith('@ringdown/'));
  });
  expect(needed.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  expect(new Set(needed.map(([dependency]) => dependency)).size).toBeLessThanOrEqual(10);
});
