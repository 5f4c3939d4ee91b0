/** The packages as an application gets them: packed, and installed into an empty project without a network. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const ROOT = resolve(import.meta.dirname, '..', '..');
const run = promisify(execFile);

/** What `npm pack` says of a package. */
interface Packed {
  readonly name: string;
  readonly filename: string;
  readonly files: readonly { readonly path: string; readonly size: number }[];
}

/** An empty project with the packed packages. */
export interface Installation {
  readonly packed: readonly Packed[];
  /** The project's folder. */
  readonly folder: string;
  /** Puts a file into the project. */
  write(path: string, text: string): Promise<void>;
  /** Runs a script of this text in the pinned Node, without any condition. @returns what it printed */
  node(script: string): Promise<string>;
  /** Type-checks these files of the project, the packages' declarations too. @returns the complaints; empty when fine */
  typeCheck(files: readonly string[], options?: Record<string, unknown>): Promise<string>;
  remove(): Promise<void>;
}

/** Builds, packs and installs. Needs some ten seconds. */
export async function install(): Promise<Installation> {
  await run(process.execPath, [join(ROOT, 'scripts', 'sdk.mjs'), 'build']);
  const home = await mkdtemp(join(tmpdir(), 'ringdown-package-'));
  const folder = join(home, 'app');
  await mkdir(folder);
  const remove = () => rm(home, { recursive: true, force: true });
  try {
    const quiet = ['--offline', '--ignore-scripts', '--no-audit', '--no-fund', `--cache=${join(home, 'cache')}`];
    // What the protocol needs is packed from here too, in place of a registry.
    const sources = ['packages/protocol', 'packages/client', 'node_modules/typebox'].map((path) => join(ROOT, path));
    const { stdout } = await npm(['pack', '--json', `--pack-destination=${home}`, ...quiet, ...sources]);
    const packed = packedOf(JSON.parse(stdout));
    await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'app', private: true, type: 'module' }));
    await npm(['install', ...quiet, ...packed.map(({ filename }) => join(home, filename))], folder);
    return { packed, folder, remove, ...toolsOf(folder) };
  } catch (error) {
    await remove();
    throw error;
  }
}

function npm(args: string[], cwd = ROOT) {
  return run('npm', args, { cwd, maxBuffer: 16 * 1024 * 1024, shell: process.platform === 'win32' });
}

/** A list, or by name: that depends on the npm. */
function packedOf(json: unknown): Packed[] {
  return Object.values(json as Record<string, Packed>);
}

function toolsOf(folder: string): Pick<Installation, 'write' | 'node' | 'typeCheck'> {
  const write = async (path: string, text: string) => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  };
  return {
    write,
    async node(script) {
      await write('script.mjs', script);
      const { stdout } = await run(process.execPath, ['script.mjs'], { cwd: folder, env: {}, timeout: 20_000 });
      return stdout;
    },
    async typeCheck(files, options = {}) {
      const compilerOptions = {
        target: 'ES2024',
        module: 'NodeNext',
        strict: true,
        exactOptionalPropertyTypes: true,
        noUncheckedIndexedAccess: true,
        skipLibCheck: false,
        noEmit: true,
        types: [],
        lib: ['ES2024', 'DOM', 'DOM.Iterable'],
        ...options,
      };
      await write('tsconfig.json', JSON.stringify({ compilerOptions, files }));
      const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
      try {
        await run(process.execPath, [tsc, '-p', '.', '--pretty', 'false'], { cwd: folder });
        return '';
      } catch (error) {
        return (error as { stdout?: string }).stdout || String(error);
      }
    },
  };
}
