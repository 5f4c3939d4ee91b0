/** From the times of two subjects to a few lines, and their place in the client's README. Pure. */
import { median } from '../statistics.ts';

/** What one run came to. */
export interface Result {
  /** ms, call by call. */
  readonly sdk: readonly number[];
  readonly bare: readonly number[];
  /** ISO date. */
  readonly date: string;
  readonly machine: string;
  readonly browser: string;
}

const MARKS = /(<!-- first-frame -->\n)[\s\S]*?(<!-- \/first-frame -->)/;

/** The result as Markdown. */
export function lines({ sdk, bare, date, machine, browser }: Result): string {
  const row = (name: string, times: readonly number[]) => {
    const sorted = times.toSorted((one, other) => one - other);
    const [least = 0, most = 0] = [sorted[0], sorted.at(-1)];
    return `| ${name} | ${median(times).toFixed(0)} | ${least.toFixed(0)}–${most.toFixed(0)} |`;
  };
  return [
    `| from Accept to the first decoded frame, ms | median of ${sdk.length} | least to most |`,
    '|---|---|---|',
    row('this SDK, with the service', sdk),
    row('bare `RTCPeerConnection`s', bare),
    '',
    `The medians are as ${(median(sdk) / median(bare)).toFixed(2)} to 1. ${browser}, ${machine}, ${date}.`,
  ].join('\n');
}

/** The README with this result. */
export function withResult(readme: string, result: Result): string {
  if (!MARKS.test(readme)) throw new Error('the README has no place for the result');
  return readme.replace(MARKS, (_, begin: string, end: string) => `${begin}${lines(result)}\n${end}`);
}
