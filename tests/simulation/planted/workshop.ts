/** A copy of the sources in a temporary folder, in which one fault at a time is planted. The originals are never touched. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import type { Fault } from './fault.ts';

/** The repository. */
export const ROOT = resolve(import.meta.dirname, '..', '..', '..');
/** What is copied of it: the packages, and the tests that judge them. */
const COPIED = [
  'packages',
  'tests/simulation',
  'tests/server',
  'package.json',
  'tsconfig.base.json',
  'vitest.config.ts',
];
/** What is made of the sources, and what others made. */
const LEFT_OUT = new Set(['node_modules', 'dist', 'output']);
const SCOPE = '@ringdown';

/** How often a text stands in another one. */
function countOf(text: string, part: string): number {
  return text.split(part).length - 1;
}

/** A source with a fault in it. @throws when the fault does not fit it exactly once */
export function planted(source: string, { id, file, find, replace }: Fault): string {
  const count = countOf(source, find);
  if (count !== 1) throw new Error(`the fault ${id} fits ${count} times into ${file}, not once`);
  return source.replace(find, () => replace);
}

/** A copy to plant faults in. */
export class Workshop {
  readonly folder = mkdtempSync(join(tmpdir(), 'ringdown-planted-'));
  #planted: { readonly file: string; readonly source: string } | undefined;

  constructor() {
    for (const path of COPIED) {
      cpSync(join(ROOT, path), join(this.folder, path), {
        recursive: true,
        filter: (source) => !LEFT_OUT.has(basename(source)),
      });
    }
    this.#linkModules();
  }

  /** Everything that is installed, but for our own packages: those are the copies. */
  #linkModules(): void {
    const [installed, mine] = [join(ROOT, 'node_modules'), join(this.folder, 'node_modules')];
    mkdirSync(join(mine, SCOPE), { recursive: true });
    for (const name of readdirSync(installed)) {
      // Never the cache of Vite and Vitest: runs beside one another would write there.
      if (name !== SCOPE && !name.startsWith('.')) symlinkSync(join(installed, name), join(mine, name));
    }
    for (const name of readdirSync(join(this.folder, 'packages'))) {
      symlinkSync(join(this.folder, 'packages', name), join(mine, SCOPE, name));
    }
  }

  /** Plants a fault in place of the one before. @throws when it does not fit exactly once */
  plant(fault: Fault): void {
    this.heal();
    const file = join(this.folder, fault.file);
    const source = readFileSync(file, 'utf8');
    writeFileSync(file, planted(source, fault));
    this.#planted = { file, source };
  }

  /** Takes the planted fault out again. */
  heal(): void {
    if (this.#planted) writeFileSync(this.#planted.file, this.#planted.source);
    this.#planted = undefined;
  }

  /** Removes the copy. */
  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
