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
  {
    file: 'testing.d.ts',
    module: '@ringdown/client/testing',
    says: 'Doubles, for tests of an application. `ClientMessage` and `ServerMessage` are the frames of `@ringdown/protocol`.',
  },
];

/**
 * The shapes of what the client passes on from `@ringdown/protocol`, which derives its own from schemas; a test holds them
 * against those.
 * @type {Readonly<Record<string, { says: string, shape: string }>>}
 */
export const FROM_PROTOCOL = {
  CallType: { says: 'Whether a call has a picture.', shape: "'video' | 'audio'" },
  IceCandidate: {
    says: 'One ICE candidate, as `RTCIceCandidate.toJSON()` makes it; further keys are passed on.',
    shape: `{
  candidate: string;
  sdpMid?: string | null;
  sdpMLineIndex?: number | null;
  usernameFragment?: string | null;
}`,
  },
  ErrorReason: {
    says: 'The reasons of errors. What each means: [PROTOCOL.md](../protocol/PROTOCOL.md#errors).',
    shape: [
      "'invalid_json' | 'invalid_payload' | 'unsupported_version' | 'unauthenticated' | 'token_expired' | 'not_allowed'",
      "'not_participant' | 'receiver_mismatch' | 'not_owner' | 'wrong_password' | 'self_call' | 'receiver_not_found'",
      "'call_not_found' | 'not_found' | 'glare' | 'already_in_call' | 'answered_elsewhere' | 'invalid_state'",
      "'negotiation_collision' | 'stale_negotiation' | 'peer_unsupported' | 'duplicate_id' | 'username_taken'",
      "'call_ended' | 'too_large' | 'rate_limited' | 'internal' | 'draining' | 'overloaded' | 'relay_unavailable'",
    ].join('\n  | '),
  },
};

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
 * @returns {{ name: string, file: string }[]} each name and the file that declares it; empty for the protocol's
 */
export function publicNames(door) {
  const text = readFileSync(join(DIST, door), 'utf8');
  return [...text.matchAll(/export (?:type )?\{([^}]*)\} from '(?:\.\/([\w-]+)\.js|@ringdown\/protocol)'/g)].flatMap(
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
  const shape = FROM_PROTOCOL[name];
  if (file === '' && !shape) throw new Error(`what ${name} of the protocol is, FROM_PROTOCOL does not say`);
  const { says, declaration } = shape
    ? { says: shape.says, declaration: `type ${name} = ${shape.shape};` }
    : declared(name, file);
  const source = file === '' ? 'From [@ringdown/protocol](../protocol).' : `From [${file}.ts](src/${file}.ts).`;
  return { name, text: `### ${name}\n\n${says}\n\n\`\`\`ts\n${declaration}\n\`\`\`\n\n${source}` };
}

/**
 * @param {string} name
 * @param {string} file
 * @returns {{ says: string, declaration: string }}
 */
function declared(name, file) {
  const text = readFileSync(join(DIST, `${file}.d.ts`), 'utf8');
  const found = new RegExp(
    `(/\\*\\*(?:(?!\\*/)[\\s\\S])*\\*/\\n)?^export (?:declare )?(?:abstract )?(?:class|interface|type|function|const) ${name}\\b`,
    'm',
  ).exec(text);
  if (!found) throw new Error(`${file}.d.ts declares no ${name}`);
  const comment = found[1] ?? '';
  if (comment === '') throw new Error(`${name} in ${file}.ts has no docstring`);
  const declaration = declarationAt(text, found.index + comment.length);
  // Another name for what is not public itself: its shape is what counts.
  const [, inner] = new RegExp(`^type ${name} = (\\w+);$`).exec(declaration) ?? [];
  const [, where] = (inner && new RegExp(`\\b${inner}\\b[^;]* from '\\./([\\w-]+)\\.js'`).exec(text)) || [];
  if (!inner || !where) return { says: prose(comment), declaration };
  const shape = declared(inner, where).declaration.replace(new RegExp(`^(interface|type) ${inner}\\b`), `$1 ${name}`);
  return { says: prose(comment), declaration: shape };
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
