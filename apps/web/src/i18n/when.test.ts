/** Days as people say them. */
import { afterEach, expect, test } from 'vitest';
import { language } from './language.ts';
import { dayLabel, dayNumber } from './when.ts';

const NOW = new Date(2026, 2, 12, 9, 0);

afterEach(() => language.set('en'));

test.each([
  ['today', new Date(2026, 2, 12, 0, 0), 'Today'],
  ['yesterday, however few hours ago', new Date(2026, 2, 11, 23, 59), 'Yesterday'],
  ['the weekday within the last week', new Date(2026, 2, 6, 12, 0), 'Friday'],
  ['the date from a week on', new Date(2026, 2, 5, 12, 0), 'March 5'],
  ['the year too, when it is another', new Date(2025, 11, 31, 12, 0), 'December 31, 2025'],
])('a day is called %s', (_, date, label) => {
  expect(dayLabel(date, NOW)).toBe(label);
});

test('a day has its name in the language of the app', () => {
  language.set('zh-CN');
  expect(dayLabel(new Date(2026, 2, 11, 23, 59), NOW)).toBe('昨天');
  expect(dayLabel(new Date(2026, 2, 5, 12, 0), NOW)).toBe('3月5日');
});

test('days that follow each other are one apart, whatever the clocks do at night', () => {
  for (let day = 1; day <= 366; day++) {
    const [before, after] = [new Date(2026, 0, day, 23, 30), new Date(2026, 0, day + 1, 0, 30)];
    expect(dayNumber(after) - dayNumber(before)).toBe(1);
  }
});
