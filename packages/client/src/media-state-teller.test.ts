import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { MediaStateOfSide } from './call-signal.ts';
import { MediaStateTeller } from './media-state-teller.ts';
import { browserPlatform } from './platform.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const state = (audio: 'on' | 'off', video: MediaStateOfSide['video'] = 'off'): MediaStateOfSide => ({ audio, video });

function setUp() {
  const told: MediaStateOfSide[] = [];
  let refuse: ((waitMs: number) => void) | undefined;
  const teller = new MediaStateTeller({
    platform: browserPlatform,
    send: (each, onTooOften) => {
      told.push(each);
      refuse = onTooOften;
    },
  });
  return { teller, told, refuse: (waitMs: number) => refuse?.(waitMs) };
}

it('[MS-1] the first state is told at once, later ones at most four times a second, the last for sure', () => {
  const { teller, told } = setUp();
  for (let n = 0; n < 20; n += 1) {
    teller.set(state(n % 2 === 0 ? 'on' : 'off'));
    vi.advanceTimersByTime(50);
  }
  teller.set(state('off', 'screen'));
  vi.advanceTimersByTime(1_000);
  expect(told[0]).toEqual(state('on'));
  expect(told.at(-1)).toEqual(state('off', 'screen'));
  expect(told.length).toBeLessThanOrEqual(6);
});

it('[MS-1] what is no news is not told', () => {
  const { teller, told } = setUp();
  teller.set(state('on'));
  vi.advanceTimersByTime(1_000);
  teller.set(state('on'));
  vi.advanceTimersByTime(1_000);
  expect(told).toHaveLength(1);
});

it('[MS-1] a clock that is set back delays nothing', () => {
  const { teller, told } = setUp();
  teller.set(state('on'));
  vi.setSystemTime(Date.now() - 3_600_000);
  teller.set(state('off'));
  vi.advanceTimersByTime(250);
  expect(told).toEqual([state('on'), state('off')]);
});

it('[MS-1] what was refused as too often is told later, as it is then', () => {
  const { teller, told, refuse } = setUp();
  teller.set(state('on'));
  refuse(700);
  teller.set(state('off'));
  vi.advanceTimersByTime(699);
  expect(told).toHaveLength(1);
  vi.advanceTimersByTime(1);
  expect(told).toEqual([state('on'), state('off')]);
});

it('nothing is told after the end', () => {
  const { teller, told } = setUp();
  teller.set(state('on'));
  teller.set(state('off'));
  teller.close();
  vi.advanceTimersByTime(1_000);
  expect(told).toHaveLength(1);
});
