/** Days and times of day as people say them. */
import { language, t } from './language.ts';

/**
 * The number of the calendar day a moment falls on, in this machine's time zone. Days that follow each other differ by one.
 * @param date the moment
 */
export function dayNumber(date: Date): number {
  return Math.round(Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / 86_400_000);
}

/**
 * A day as a heading: today, yesterday, the weekday within the last week, else the date.
 * @param date a moment of the day
 * @param now the present
 */
export function dayLabel(date: Date, now: Date): string {
  const daysAgo = dayNumber(now) - dayNumber(date);
  if (daysAgo === 0) return t('history.today');
  if (daysAgo === 1) return t('history.yesterday');
  if (daysAgo > 1 && daysAgo < 7) return new Intl.DateTimeFormat(language.value, { weekday: 'long' }).format(date);
  const sameYear = date.getFullYear() === now.getFullYear();
  const year = sameYear ? {} : ({ year: 'numeric' } as const);
  return new Intl.DateTimeFormat(language.value, { day: 'numeric', month: 'long', ...year }).format(date);
}

/** The time of day, hours and minutes. */
export function timeOfDay(date: Date): string {
  return new Intl.DateTimeFormat(language.value, { hour: 'numeric', minute: '2-digit' }).format(date);
}
