/**
 * Which tests carry which id: rules of PROTOCOL.md (`OF-1`), threats (`T7`), faults (`F2`) and invariants (`I3`).
 * Run by itself it prints them: `node tests/repository/rule-tests.ts [id…]`.
 */
import { type DeclaredTest, declaredTests } from './test-titles.ts';

/** An id in square brackets, as it stands in the name of a test. */
const ID = /\[([A-Z]{2}-\d|[TFI]\d{1,2})\]/g;

/**
 * The tests by the ids in their names and in those of the groups around them.
 * @returns only ids that some test carries, in the order in which they are met
 */
export function rulesOfTests(): Map<string, DeclaredTest[]> {
  const byId = new Map<string, DeclaredTest[]>();
  for (const test of declaredTests()) {
    for (const id of new Set([...test.title.matchAll(ID)].map(([, found]) => found as string))) {
      const others = byId.get(id) ?? [];
      byId.set(id, [...others, test]);
    }
  }
  return byId;
}

if (import.meta.main) {
  const asked = process.argv.slice(2);
  for (const [id, tests] of rulesOfTests()) {
    if (asked.length > 0 && !asked.includes(id)) continue;
    for (const { file, title } of tests) console.log(`${id}\t${file}\t${title}`);
  }
}
