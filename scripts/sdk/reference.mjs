/** The reference of the client's public names, from its declarations and what their comments say. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../setup/places.mjs';

const CLIENT = join(ROOT, 'packages', 'client');
const DIST = join(CLIENT, 'dist');
/** Where it is written. */
export const REFERENCE = join(CLIENT, 'REFERENCE.md');
/** The doors, and what an application writes to enter them. */
const DOORS = [
  { file: 'index.d.ts', module: '@ringdown/client', says: 'Calls in a browser.' },
  { file: 'ringing.d.ts', module: '@ringdown/client/ringing', says: 'What rings when somebody calls.' },
  { file: 'testing.d.ts', module: '@ringdown/client/testing', says: 'Doubles, for tests of an application.' },
];

/**
 * Writes the reference.
 * @returns {string} needs a fresh `dist`
 */
export function reference() {
  const doors = DOORS.map(({ file, module, says }) => {
    const entries = publicNames(file)
      .map((each) => entryOf(each))
      .toSorted((a, b) => a.name.localeCompare(b.name, 'en'));
    const names = entries.map(({ name }) => `[\`${name}\`](#${name.toLowerCase()})`).join(' · ');
    return `## \`${module}\`\n\n${says} ${names}\n\n${entries.map(({ text }) => text).join('\n\n')}`;
  });
  return `# Reference of @ringdown/client\n\nEvery public name, as its declaration says it; times are in ms, and moments in ms since 1970, unless a name says otherwise. Written by \`npm run sdk\` from the sources; do not edit. How the names work together: the guide [The SDK](../../docs/guide/sdk.md).\n\n${doors.join('\n\n')}\n`;
}

/**
 * What a door lets through.
 * @param {string} door
 * @returns {{ name: string, file: string }[]} each name and the file that declares it
 */
export function publicNames(door) {
  const text = readFileSync(join(DIST, door), 'utf8');
  return [...text.matchAll(/export (?:type )?\{([^}]*)\} from '\.\/([\w-]+)\.js'/g)].flatMap(
    ([, names = '', file = '']) =>
      names
        .split(',')
        .map((name) => name.trim().replace(/^type /, ''))
        .filter((name) => name !== '')
        .map((name) => ({ name, file })),
  );
}

/** @param {{ name: string, file: string }} where */
function entryOf({ name, file }) {
  const text = readFileSync(join(DIST, `${file}.d.ts`), 'utf8');
  const found = new RegExp(
    `(/\\*\\*(?:(?!\\*/)[\\s\\S])*\\*/\\n)?^export (?:declare )?(?:abstract )?(?:class|interface|type|function|const) ${name}\\b`,
    'm',
  ).exec(text);
  if (!found) throw new Error(`${file}.d.ts declares no ${name}`);
  const comment = found[1] ?? '';
  if (comment === '') throw new Error(`${name} in ${file}.ts has no docstring`);
  const declaration = declarationAt(text, found.index + comment.length);
  const source = `From [${file}.ts](src/${file}.ts).`;
  return { name, text: `### ${name}\n\n${prose(comment)}\n\n\`\`\`ts\n${declaration}\n\`\`\`\n\n${source}` };
}

/**
 * A declaration without what is private in it.
 * @param {string} text
 * @param {number} start
 */
function declarationAt(text, start) {
  const lines = text.slice(start).split('\n');
  let depth = 0;
  const end = lines.findIndex((line) => {
    const code = line.replace(/\/\*.*?\*\/|^\s*\*.*$|\/\*\*.*$/g, '');
    depth += (code.match(/[{([]/g) ?? []).length - (code.match(/[})\]]/g) ?? []).length;
    return depth === 0 && /[;}]$/.test(code.trimEnd());
  });
  return lines
    .slice(0, end + 1)
    .filter((line) => !/^\s+(#private|private )/.test(line))
    .join('\n')
    .replace(/^export (declare )?/, '')
    .replaceAll(/^( {4})+/gm, (spaces) => spaces.replaceAll('    ', '  '));
}

/** @param {string} comment a docstring */
function prose(comment) {
  return comment
    .replace(/^\/\*\*|\*\/\s*$/g, '')
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, '').trimEnd())
    .join('\n')
    .trim()
    .replaceAll(/\{@link ([^}]+)\}/g, '`$1`')
    .replaceAll(/\s*@returns /g, '\n\nReturns: ')
    .replaceAll(/\s*@throws \{(\w+)\} /g, '\n\nThrows `$1`: ')
    .replaceAll(/\s*@param ([\w.]+) /g, '\n\n`$1`: ')
    .replaceAll(/@internal/g, '')
    .trim();
}
