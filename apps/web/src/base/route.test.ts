/** Places and their addresses. */
import { expect, test } from 'vitest';
import { formatPlace, type Place, parsePlace } from './route.ts';

test.each<Place>([
  { tab: 'people', open: undefined },
  { tab: 'people', open: { kind: 'user', id: '4503599627370495' } },
  { tab: 'people', open: { kind: 'group', id: 'g_aB-9_x' } },
  { tab: 'history', open: { kind: 'user', id: '7' } },
  { tab: 'settings', open: undefined },
])('a place is found again by its address: $tab $open.id', (somewhere) => {
  expect(parsePlace(formatPlace(somewhere))).toEqual(somewhere);
});

test.each(['', '#', '#/', '#/nowhere', '#/people/user/', '#/people/user/<img>', '#/people/robot/7'])(
  'an address that leads nowhere leads to the people: %s',
  (hash) => {
    expect(parsePlace(hash)).toEqual({ tab: 'people', open: undefined });
  },
);
