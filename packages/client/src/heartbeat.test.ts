import { describe, expect, it } from 'vitest';
import { Heartbeat } from './heartbeat.ts';

const extended = (inCall: boolean) => new Heartbeat(0, { inCall, answers: true });

describe('[HE-4] a heartbeat', () => {
  it.each([
    [false, 25_000],
    [true, 10_000],
  ])('asks for a sign of life after silence (in a call: %s)', (inCall, afterMs) => {
    const heartbeat = extended(inCall);
    expect(heartbeat.due(afterMs - 1)).toBeUndefined();
    expect(heartbeat.nextAt).toBe(afterMs);
    expect(heartbeat.due(afterMs)).toBe('ping');
  });

  it('takes a socket for dead that says nothing for five seconds more', () => {
    const heartbeat = extended(false);
    heartbeat.due(25_000);
    expect(heartbeat.nextAt).toBe(30_000);
    expect(heartbeat.due(29_999)).toBeUndefined();
    expect(heartbeat.due(30_000)).toBe('dead');
  });

  it('takes any frame for a sign of life', () => {
    const heartbeat = extended(false);
    heartbeat.due(25_000);
    heartbeat.heard(29_999, false);
    expect(heartbeat.due(30_000)).toBeUndefined();
    expect(heartbeat.nextAt).toBe(54_999);
  });

  it('is faster from the moment a call begins', () => {
    const heartbeat = extended(false);
    heartbeat.inCall = true;
    expect(heartbeat.due(10_000)).toBe('ping');
  });

  it('asks at once when there is doubt, once, and not right after something came', () => {
    const heartbeat = extended(false);
    expect(heartbeat.doubt(100)).toBe(false);
    expect(heartbeat.doubt(1_000)).toBe(true);
    expect(heartbeat.doubt(1_001)).toBe(false);
    expect(heartbeat.due(6_000)).toBe('dead');
  });

  it('asks again when its deadline was slept through, since the answer may be unread', () => {
    const heartbeat = extended(false);
    heartbeat.due(25_000);
    expect(heartbeat.due(600_000)).toBe('ping');
    expect(heartbeat.due(605_000)).toBe('dead');
  });

  it('forgives that once: a page that is always late finds a dead path too', () => {
    const heartbeat = extended(false);
    heartbeat.due(25_000);
    expect(heartbeat.due(85_000)).toBe('ping');
    heartbeat.heard(85_100, true);
    expect(heartbeat.doubt(90_000)).toBe(true);
    expect(heartbeat.due(150_000)).toBe('ping');
    expect(heartbeat.due(210_000)).toBe('dead');
  });

  it('goes on asking a service that never answers, and believes in it', () => {
    const heartbeat = new Heartbeat(0, { inCall: false, answers: false });
    expect(heartbeat.due(25_000)).toBe('ping');
    expect(heartbeat.due(30_000)).toBeUndefined();
    expect(heartbeat.due(55_000)).toBe('ping');
    heartbeat.heard(55_001, true);
    expect(heartbeat.due(80_001)).toBe('ping');
    expect(heartbeat.due(85_001)).toBe('dead');
  });
});
