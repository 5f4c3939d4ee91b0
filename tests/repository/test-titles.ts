/** Reads the titles of all tests out of the test files, without running any. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseSync } from 'vite';

const ROOT = resolve(import.meta.dirname, '..', '..');

/** One test as its file declares it. */
export interface DeclaredTest {
  /** From the root of the repository. */
  readonly file: string;
  /**
   * Names of the groups around it and its own, joined by ` > `, as the report of a run has them. What only a run can
   * know stays as it is written: `%s`, `$name`, and `…` for a value put into the text.
   */
  readonly title: string;
}

interface Node {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** Words that declare a test or a group of them, and what may hang on them. */
const DECLARING = new Set(['test', 'it', 'describe']);
const MODIFIERS = new Set(['each', 'for', 'skipIf', 'runIf', 'skip', 'only', 'concurrent', 'sequential', 'fails']);

/** Every test of the repository, in the order of files and lines. Contract suites count once, where they are written. */
export function declaredTests(): DeclaredTest[] {
  const tracked = execFileSync(
    'git',
    ['ls-files', '--cached', '--others', '--exclude-standard', '*.test.ts', '*/contract.ts', '*-contract.ts'],
    { cwd: ROOT, encoding: 'utf8' },
  );
  const files = tracked.split('\n').filter((path) => path !== '' && existsSync(join(ROOT, path)));
  return files.sort().flatMap((file) => testsOf(file, readFileSync(join(ROOT, file), 'utf8')));
}

/** The tests of one file. @param source its text @throws when that is no TypeScript */
export function testsOf(file: string, source: string): DeclaredTest[] {
  const { program, errors } = parseSync(file, source);
  const [error] = errors;
  if (error) throw new Error(`${file}: ${error.message}`);
  const found: DeclaredTest[] = [];
  walk(program as unknown as Node, []);
  return found;

  function walk(value: unknown, groups: readonly string[]): void {
    if (Array.isArray(value)) for (const each of value) walk(each, groups);
    if (typeof value !== 'object' || value === null || !('type' in value)) return;
    const node = value as Node;
    const declared = declarationOf(node);
    if (declared && declared.word !== 'describe') {
      for (const title of declared.titles) found.push({ file, title: [...groups, title].join(' > ') });
    }
    // A group that is made for each row of a table counts by the title it is written with.
    const inside = declared?.word === 'describe' ? [...groups, declared.written] : groups;
    for (const child of Object.values(node)) if (typeof child === 'object') walk(child, inside);
  }
}

interface Declaration {
  readonly word: string;
  /** As it stands in the file. */
  readonly written: string;
  /** One for each row of the table, where that stands in the call. */
  readonly titles: readonly string[];
}

/** What a call declares, if it is `test('…', …)` or one of its kind. */
function declarationOf(node: Node): Declaration | undefined {
  if (node.type !== 'CallExpression') return undefined;
  const callee = node['callee'] as Node;
  const word = rootOf(callee);
  const [first] = node['arguments'] as Node[];
  const written = first && textOf(first);
  if (word === undefined || !DECLARING.has(word) || written === undefined) return undefined;
  const rows = /%[a-z]/.test(written) ? rowsOf(callee) : undefined;
  return { word, written, titles: rows ? [...new Set(rows.map((row) => filledIn(written, row)))] : [written] };
}

/** The name at the left end of `test`, `test.skipIf(x)`, `test.each(rows)`; undefined for a method of something else. */
function rootOf(callee: Node): string | undefined {
  if (callee.type === 'Identifier') return callee['name'] as string;
  if (callee.type === 'CallExpression') return rootOf(callee['callee'] as Node);
  if (callee.type !== 'MemberExpression') return undefined;
  return MODIFIERS.has((callee['property'] as Node)['name'] as string) ? rootOf(callee['object'] as Node) : undefined;
}

/** The rows of `test.each([…])` as texts, each cell that is none undefined; undefined when the table is not in the call. */
function rowsOf(callee: Node): (string | undefined)[][] | undefined {
  const [table] = callee.type === 'CallExpression' ? (callee['arguments'] as Node[]) : [];
  if (!table) return undefined;
  const array = table.type === 'TSAsExpression' ? (table['expression'] as Node) : table;
  if (array.type !== 'ArrayExpression') return undefined;
  return (array['elements'] as Node[]).map((row) =>
    row.type === 'ArrayExpression' ? (row['elements'] as Node[]).map(textOf) : [textOf(row)],
  );
}

/** A title with the cells of a row in their places; one that only a run can know stays as it is. */
function filledIn(title: string, row: readonly (string | undefined)[]): string {
  let cell = 0;
  return title.replaceAll(/%[a-z]/g, (place) => row[cell++] ?? place);
}

/** A text as it is written; undefined for anything else. */
function textOf(node: Node): string | undefined {
  if (node.type === 'Literal' && typeof node['value'] === 'string') return node['value'];
  if (node.type !== 'TemplateLiteral') return undefined;
  const parts = node['quasis'] as { value: { cooked: string } }[];
  return parts.map(({ value }) => value.cooked).join('…');
}
