/** Spoils what was right: one wrong thing at a time, in a JSON tree or in plain text. Repeatable by its chance. */
import { WIRE_LIMITS } from '@ringdown/protocol';
import type { Chance } from '../../recovery/random.ts';
import { nodesOf, type Tree, textOf, treeOf } from './tree.ts';
import { CANARY, INHERITED_NAMES, LENGTHS, NO_JSON, NUMBERS, TEXTS } from './words.ts';

/** What is large is tried this often: it costs as much as a hundred small ones. */
const LARGE_SHARE = 0.05;
const SMALL = 2_100;
const SMALL_LENGTHS = LENGTHS.filter((length) => length <= SMALL);

/** Inputs are not grown beyond this, in characters: a little more than the largest frame. */
const LONGEST = WIRE_LIMITS.frameBytes + 64;

/**
 * Makes one change to a text: inside its JSON when it is JSON, else among its characters.
 * @param words what means something to the reader
 */
export function spoil(text: string, chance: Chance, words: readonly string[] = []): string {
  const [before, json, after] = chance.happens(0.7) ? jsonIn(text, chance) : ['', text, ''];
  const tree = json === text && !/^\s*[[{"]/.test(text) ? undefined : parsed(json);
  const spoiled = tree ? before + spoilTree(tree, chance, words) + after : spoilText(text, chance, words);
  return spoiled.length > LONGEST ? spoiled.slice(0, LONGEST) : spoiled;
}

/** One of the lines that hold an object, cut where it begins: an input may be a script of several. */
function jsonIn(text: string, chance: Chance): readonly [before: string, json: string, after: string] {
  if (!text.includes('\n')) {
    const at = Math.max(0, text.indexOf('{'));
    return [text.slice(0, at), text.slice(at), ''];
  }
  const starts = [...text.matchAll(/\{(?=["}])/g)].map(({ index }) => index);
  // The outermost object of a line begins first in it.
  const firsts = starts.filter((at, n) => n === 0 || text.slice(starts[n - 1], at).includes('\n'));
  if (firsts.length === 0) return ['', text, ''];
  const at = chance.of(firsts);
  const end = text.indexOf('\n', at);
  return end < 0 ? [text.slice(0, at), text.slice(at), ''] : [text.slice(0, at), text.slice(at, end), text.slice(end)];
}

function parsed(text: string): Tree | undefined {
  if (text.length === 0 || text.length > LONGEST) return undefined;
  try {
    return treeOf(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** A value that hardly anything expects. */
function oddity(chance: Chance, words: readonly string[]): Tree {
  switch (chance.whole(0, 9)) {
    case 0:
      return { kind: 'raw', text: chance.of(NUMBERS) };
    case 1:
      return { kind: 'raw', text: chance.of(['null', 'true', 'false', '{}', '[]', '""', '[null]', '{"":{}}']) };
    case 2:
      return { kind: 'raw', text: chance.of(NO_JSON) };
    case 3:
      return { kind: 'text', text: sized(chance, chance.of(['x', '0', 'é', '\ud83d\ude00', '\ud800', '"', '\\'])) };
    case 4:
      return deep(chance);
    case 5:
      return wide(chance);
    case 6:
      return { kind: 'text', text: `${CANARY}${chance.of(TEXTS)}` };
    case 7:
      return { kind: 'text', text: words.length > 0 ? chance.of(words) : CANARY };
    case 8:
      return {
        kind: 'raw',
        text: `[${Array(chance.happens(LARGE_SHARE) ? 5_000 : chance.of([1, 4, 20, 21, 64, 65]))
          .fill('null')
          .join(',')}]`,
      };
    default:
      return { kind: 'text', text: chance.of(TEXTS) };
  }
}

/** One below, at or above a limit. */
function sized(chance: Chance, filler: string): string {
  const length = chance.of(chance.happens(LARGE_SHARE) ? LENGTHS : SMALL_LENGTHS) + chance.whole(-1, 1);
  return filler.repeat(Math.ceil(length / filler.length)).slice(0, length);
}

function deep(chance: Chance): Tree {
  const depth = chance.happens(LARGE_SHARE) ? chance.of([100, 10_000]) : chance.whole(1, 10);
  const [open, close] = chance.of([
    ['[', ']'],
    ['{"a":', '}'],
    ['[{"__proto__":', '}]'],
  ] as const);
  return { kind: 'raw', text: `${open.repeat(depth)}${chance.of(['', 'null', '1'])}${close.repeat(depth)}` };
}

function wide(chance: Chance): Tree {
  const keys = chance.happens(LARGE_SHARE) ? 1_000 : chance.of([1, 63, 64, 65]);
  const name = chance.of(['k', '__proto__', 'x-']);
  return {
    kind: 'object',
    entries: Array.from({ length: keys }, (_, n) => [`${name}${n}`, { kind: 'raw', text: String(n) }]),
  };
}

function spoilTree(tree: Tree, chance: Chance, words: readonly string[]): string {
  const nodes = nodesOf(tree);
  const node = chance.of(nodes);
  const inners = nodes.filter((each) => each.kind === 'object' || each.kind === 'array');
  const inner = inners.length > 0 ? chance.of(inners) : undefined;
  switch (chance.whole(0, 9)) {
    case 0:
    case 1:
    case 2:
      return textOf(replaced(tree, node, oddity(chance, words)));
    case 3:
      if (inner?.kind === 'object' && inner.entries.length > 0) {
        inner.entries.splice(chance.whole(0, inner.entries.length - 1), 1);
      } else if (inner?.kind === 'array' && inner.items.length > 0) {
        inner.items.splice(chance.whole(0, inner.items.length - 1), 1);
      }
      return textOf(tree);
    case 4:
    case 5: {
      const name = chance.happens(0.6)
        ? chance.of(INHERITED_NAMES)
        : chance.of([CANARY, 'extra', '', 'data', 'id', 'type', ...words]);
      if (inner?.kind === 'object') {
        inner.entries.splice(chance.whole(0, inner.entries.length), 0, [name, oddity(chance, words)]);
      } else if (inner?.kind === 'array') inner.items.push(oddity(chance, words));
      return textOf(tree);
    }
    case 6:
      // The same key twice: a reader takes the last.
      if (inner?.kind === 'object' && inner.entries.length > 0) {
        const [key, value] = chance.of(inner.entries);
        inner.entries.push([key, chance.happens(0.5) ? value : oddity(chance, words)]);
      } else if (inner?.kind === 'array') inner.items.push(...inner.items);
      return textOf(tree);
    case 7:
      if (node.kind === 'text') node.text = spoilText(node.text, chance, words);
      return textOf(tree);
    case 8: {
      // Two nodes change places.
      const other = chance.of(nodes);
      return textOf(replaced(tree, node, JSON.parse(JSON.stringify(other)) as Tree));
    }
    default: {
      // Exactly as large as a frame may be, or one beside it.
      const text = textOf(tree);
      const longest = nodes.find((each) => each.kind === 'text');
      const length = chance.of([WIRE_LIMITS.frameBytes, WIRE_LIMITS.authFrameBytes]) + chance.whole(-1, 1);
      if (longest?.kind === 'text' && chance.happens(0.1))
        longest.text += 'x'.repeat(Math.max(0, length - text.length));
      return textOf(tree);
    }
  }
}

/** The tree with one node in the place of another. */
function replaced(tree: Tree, node: Tree, by: Tree): Tree {
  if (tree === node) return by;
  for (const parent of nodesOf(tree)) {
    if (parent.kind === 'array') {
      const at = parent.items.indexOf(node);
      if (at >= 0) parent.items[at] = by;
    }
    if (parent.kind === 'object') {
      const entry = parent.entries.find(([, value]) => value === node);
      if (entry) entry[1] = by;
    }
  }
  return tree;
}

function spoilText(text: string, chance: Chance, words: readonly string[]): string {
  const at = chance.whole(0, text.length);
  const to = Math.min(text.length, at + chance.of([1, 1, 2, 4, 16, 256]));
  const insert = (what: string) => text.slice(0, at) + what + text.slice(at);
  switch (chance.whole(0, 9)) {
    case 0:
      return text.slice(0, at) + text.slice(to);
    case 1:
      return insert(String.fromCharCode(chance.whole(0, 127)));
    case 2:
      return insert(chance.of(TEXTS));
    case 3:
      return insert(words.length > 0 ? chance.of(words) : chance.of(TEXTS));
    case 4: {
      const code = text.charCodeAt(at);
      return at < text.length
        ? text.slice(0, at) + String.fromCharCode(code ^ (1 << chance.whole(0, 7))) + text.slice(at + 1)
        : text;
    }
    case 5:
      return insert(text.slice(at, to).repeat(chance.of([1, 2, 8, 64])));
    case 6:
      return text.slice(0, at);
    case 7: {
      const numbers = [...text.matchAll(/\d+/g)];
      const number = numbers.length > 0 ? chance.of(numbers) : undefined;
      if (!number) return insert(chance.of(NUMBERS));
      return text.slice(0, number.index) + chance.of(NUMBERS) + text.slice(number.index + number[0].length);
    }
    case 8:
      // A raw byte that is no UTF-8 where bytes are read.
      return insert(String.fromCharCode(0xdc80 + chance.whole(0, 127)));
    default: {
      const lines = text.split('\n');
      const line = chance.whole(0, lines.length - 1);
      if (chance.happens(0.5)) lines.splice(line, 1);
      else lines.splice(chance.whole(0, lines.length), 0, lines[line] as string);
      return lines.join('\n');
    }
  }
}
