/** The titles of tests are read right, since rules and threats are counted by them. */
import { expect, test } from 'vitest';
import { rulesOfTests } from './rule-tests.ts';
import { testsOf } from './test-titles.ts';

const titlesIn = (source: string) => testsOf('x.test.ts', source).map(({ title }) => title);

test('a test is found whatever hangs on it, with the groups around it', () => {
  const source = `
    describe('a call', () => {
      describe.skipIf(slow)(\`on \${host}\`, () => {
        test('[AN-1] rings', async () => {});
        it.concurrent('ends', () => {});
      });
    });
    export const suite = (name: string) => describe(name, () => void test.skipIf(!x)('is known', () => {}));`;
  expect(titlesIn(source)).toEqual(['a call > on … > [AN-1] rings', 'a call > on … > ends', 'is known']);
});

test('a table in the call gives a title for each row, and one elsewhere the title as it is written', () => {
  const source = `
    test.each([['[GL-1] one', 1], ['[GL-2] two', 2]] as const)('%s', () => {});
    test.each(['busy', 'gone'])('a call that is %s', () => {});
    test.each([[1, 'x']])('no cell is %i, but %s', () => {});
    test.each(ROWS)('[OF-1] row %s', () => {});
    test.each([{ name: 'a' }, { name: 'b' }])('$name', () => {});`;
  expect(titlesIn(source)).toEqual([
    '[GL-1] one',
    '[GL-2] two',
    'a call that is busy',
    'a call that is gone',
    'no cell is %i, but x',
    '[OF-1] row %s',
    '$name',
  ]);
});

test('what only looks like a test is none', () => {
  expect(
    titlesIn(`it.ask('GET', '/'); const s = "test('x')"; /x/.test('y'); tests('z'); // test('a comment')`),
  ).toEqual([]);
});

test('a test counts for every id in its name and in those of its groups, and no word in brackets is taken for one', () => {
  const tests = rulesOfTests();
  const titles = (id: string) => (tests.get(id) ?? []).map(({ title }) => title);
  expect(titles('RT-1')).toContainEqual(expect.stringContaining('[RT-1] [T12] only who is bound to the call'));
  expect(titles('T12')).toContainEqual(expect.stringContaining('[RT-1] [T12] only who is bound to the call'));
  expect(titles('HI-3').length).toBeGreaterThan(3);
  expect(titles('GL-2')).toContain('[GL-2] takeover moves only the call with the same person');
  expect([...tests.keys()].filter((id) => !/^([A-Z]{2}-\d|[TFI]\d{1,2})$/.test(id))).toEqual([]);
});
