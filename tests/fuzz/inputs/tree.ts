/** JSON as a tree that may also hold what JSON has not: the same key twice, and text that is no value. */

/** A node. `raw` is written as it is. */
export type Tree =
  | { readonly kind: 'object'; readonly entries: [key: string, value: Tree][] }
  | { readonly kind: 'array'; readonly items: Tree[] }
  | { readonly kind: 'text'; text: string }
  | { readonly kind: 'raw'; text: string };

/** The tree of a parsed value; what JSON cannot hold becomes `null`. */
export function treeOf(value: unknown): Tree {
  if (typeof value === 'string') return { kind: 'text', text: value };
  if (Array.isArray(value)) return { kind: 'array', items: value.map(treeOf) };
  if (typeof value === 'object' && value !== null) {
    return { kind: 'object', entries: Object.entries(value).map(([key, inner]) => [key, treeOf(inner)]) };
  }
  return { kind: 'raw', text: JSON.stringify(value) ?? 'null' };
}

/** Writes a tree. Loops instead of recursing, since a tree may be deep on purpose. */
export function textOf(tree: Tree): string {
  const parts: string[] = [];
  const left: (Tree | string)[] = [tree];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    if (typeof next === 'string') parts.push(next);
    else if (next.kind === 'text') parts.push(JSON.stringify(next.text));
    else if (next.kind === 'raw') parts.push(next.text);
    else if (next.kind === 'array') {
      left.push(']');
      for (let index = next.items.length - 1; index >= 0; index -= 1) {
        left.push(next.items[index] as Tree);
        if (index > 0) left.push(',');
      }
      left.push('[');
    } else {
      left.push('}');
      for (let index = next.entries.length - 1; index >= 0; index -= 1) {
        const [key, value] = next.entries[index] as [string, Tree];
        left.push(value, `${index > 0 ? ',' : ''}${JSON.stringify(key)}:`);
      }
      left.push('{');
    }
  }
  return parts.join('');
}

/** Every node of a tree, parents first. */
export function nodesOf(tree: Tree): Tree[] {
  const nodes: Tree[] = [tree];
  for (let at = 0; at < nodes.length; at += 1) {
    const node = nodes[at] as Tree;
    if (node.kind === 'array') nodes.push(...node.items);
    if (node.kind === 'object') nodes.push(...node.entries.map(([, value]) => value));
  }
  return nodes;
}
