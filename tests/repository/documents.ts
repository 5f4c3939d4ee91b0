/** The documents of the repository, and the fenced blocks in them. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..', '..');

/** A fenced block. */
export interface Block {
  /** The document, from the root of the repository. */
  readonly path: string;
  /** The line of its fence, from 1. */
  readonly line: number;
  /** What stands behind the opening fence: the language, then marks. */
  readonly info: readonly string[];
  readonly text: string;
}

/** Every Markdown file, tracked or new. */
export function documents(): string[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  return listed.split('\n').filter((path) => path !== '' && existsSync(join(ROOT, path)));
}

/** The text of a file. @param path from the root of the repository */
export function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** The fenced blocks of a document, in order. Indented ones, as in a list, count too. */
export function blocksOf(path: string): Block[] {
  const text = read(path);
  return [...text.matchAll(/^([ \t]*)(`{3,}|~{3,})([^\n]*)\n([\s\S]*?)^\1\2[ \t]*$/gm)].map((found) => ({
    path,
    line: text.slice(0, found.index).split('\n').length,
    info: (found[3] ?? '').trim().split(/\s+/),
    text: found[4] ?? '',
  }));
}
