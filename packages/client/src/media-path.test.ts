import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { beginPath, type PathEvent, type PathModel, stepPath } from './media-path.ts';

/** A path with a clock of its own, told in the order in which things happen. */
function path({ canRestart = true } = {}) {
  let model = beginPath();
  let now = 1_000_000;
  const acts: string[] = [];
  const tell = (event: PathEvent) => {
    const step = stepPath(model, event, { now, canRestart });
    model = step.model;
    if (step.act) acts.push(step.act);
  };
  const it = {
    acts,
    get model() {
      return model;
    },
    tell,
    is: (state: 'connected' | 'disconnected' | 'failed') => tell({ type: 'transport', state }),
    /** Lets time pass, as a timer set to the deadline would see it. */
    wait(delayMs: number) {
      const end = now + delayMs;
      while (model.deadline !== undefined && model.deadline <= end) {
        now = Math.max(now, model.deadline);
        tell({ type: 'time' });
      }
      now = end;
    },
  };
  return it;
}
function wholePath(options = {}) {
  const one = path(options);
  one.is('connected');
  return one;
}

describe('media path', () => {
  it('a failed path is restarted at once', () => {
    const one = wholePath();
    one.is('failed');
    expect(one.acts).toEqual(['restart']);
  });

  it('a path that fails before it ever was whole is restarted too', () => {
    const one = path();
    one.is('disconnected');
    expect(one.acts).toEqual([]);
    one.is('failed');
    expect(one.acts).toEqual(['restart']);
  });

  it('an interruption is given two seconds to heal by itself', () => {
    const one = wholePath();
    one.is('disconnected');
    one.wait(1_999);
    expect(one.acts).toEqual([]);
    one.wait(1);
    expect(one.acts).toEqual(['restart']);
    const healed = wholePath();
    healed.is('disconnected');
    healed.wait(1_000);
    healed.is('connected');
    healed.wait(60_000);
    expect(healed.acts).toEqual([]);
  });

  it('after a change of network an interruption is not waited out', () => {
    const before = wholePath();
    before.tell({ type: 'network_changed' });
    expect(before.acts).toEqual([]);
    before.wait(5_000);
    before.is('disconnected');
    expect(before.acts).toEqual(['restart']);
    const during = wholePath();
    during.is('disconnected');
    during.tell({ type: 'network_changed' });
    expect(during.acts).toEqual(['restart']);
    const longAgo = wholePath();
    longAgo.tell({ type: 'network_changed' });
    longAgo.wait(15_001);
    longAgo.is('disconnected');
    expect(longAgo.acts).toEqual([]);
  });

  it('a restart has ten seconds from when the service has it, and there are three of them', () => {
    const one = wholePath();
    one.is('failed');
    one.wait(60_000);
    expect(one.acts).toEqual(['restart']);
    one.tell({ type: 'offered' });
    one.wait(9_999);
    expect(one.acts).toHaveLength(1);
    one.wait(1);
    one.tell({ type: 'offered' });
    one.wait(10_000);
    one.tell({ type: 'offered' });
    one.wait(10_000);
    expect(one.acts).toEqual(['restart', 'restart', 'restart', 'give_up']);
    one.is('failed');
    one.tell({ type: 'asked' });
    one.wait(60_000);
    expect(one.acts).toHaveLength(4);
  });

  it('a restart that fails is followed by the next one at once', () => {
    const one = wholePath();
    one.is('failed');
    one.tell({ type: 'offered' });
    one.is('failed');
    expect(one.acts).toEqual(['restart', 'restart']);
  });

  it('the failure that a restart on its way is for does not count against it', () => {
    const one = wholePath();
    one.is('disconnected');
    one.wait(2_000);
    one.is('failed');
    expect(one.acts).toEqual(['restart']);
  });

  it('a path that is whole again has three tries again', () => {
    const one = wholePath();
    for (let round = 0; round < 5; round += 1) {
      one.is('failed');
      one.tell({ type: 'offered' });
      one.wait(10_000);
      one.is('connected');
    }
    expect(one.acts).not.toContain('give_up');
    expect(one.acts).toHaveLength(10);
  });

  it('a path that comes back after it was given up is whole', () => {
    const one = wholePath();
    for (let round = 0; round < 4; round += 1) {
      one.is('failed');
      one.tell({ type: 'offered' });
    }
    expect(one.model.phase).toBe('lost');
    one.is('connected');
    one.is('failed');
    expect(one.acts.at(-1)).toBe('restart');
  });

  it('a restart waits for the service to be reached, and costs no try meanwhile', () => {
    const one = wholePath();
    one.tell({ type: 'signalling', up: false });
    one.is('disconnected');
    one.wait(40_000);
    one.is('failed');
    expect([one.acts, one.model.phase, one.model.tries]).toEqual([[], 'waiting', 0]);
    one.tell({ type: 'signalling', up: true });
    expect(one.acts).toEqual(['restart']);
  });

  it('the service coming back restarts nothing that is whole', () => {
    const one = wholePath();
    one.tell({ type: 'signalling', up: false });
    one.tell({ type: 'signalling', up: true });
    one.wait(60_000);
    expect(one.acts).toEqual([]);
    one.tell({ type: 'signalling', up: false });
    one.is('failed');
    one.is('connected');
    one.tell({ type: 'signalling', up: true });
    expect(one.acts).toEqual([]);
  });

  it('a restart of the other side is waited for instead of another one', () => {
    const one = wholePath();
    one.is('disconnected');
    one.tell({ type: 'remote_restart' });
    one.wait(9_999);
    expect(one.acts).toEqual([]);
    one.wait(1);
    expect(one.acts).toEqual(['restart']);
  });

  it('a refused restart is tried again two seconds later', () => {
    const one = wholePath();
    one.is('failed');
    one.tell({ type: 'refused' });
    one.wait(1_999);
    expect(one.acts).toHaveLength(1);
    one.wait(1);
    expect(one.acts).toEqual(['restart', 'restart']);
  });

  it('where no restart is possible the browser gets fifteen seconds, once it has failed', () => {
    const one = wholePath({ canRestart: false });
    one.is('disconnected');
    one.wait(60_000);
    one.tell({ type: 'asked' });
    expect([one.acts, one.model.phase]).toEqual([[], 'shaky']);
    one.is('failed');
    one.wait(14_999);
    expect(one.acts).toEqual([]);
    one.wait(1);
    expect(one.acts).toEqual(['give_up']);
  });

  it('a restart can be asked for while the path is whole or interrupted, not while one is under way', () => {
    const fresh = path();
    fresh.tell({ type: 'asked' });
    expect(fresh.acts).toEqual([]);
    const one = wholePath();
    one.tell({ type: 'asked' });
    one.tell({ type: 'asked' });
    expect(one.acts).toEqual(['restart']);
  });

  it('whatever happens: at most three restarts before it is whole, one word at its end, and no timer without a use', () => {
    const event: fc.Arbitrary<PathEvent | { type: 'wait'; delayMs: number }> = fc.oneof(
      fc.constantFrom<PathEvent>(
        { type: 'transport', state: 'connected' },
        { type: 'transport', state: 'disconnected' },
        { type: 'transport', state: 'failed' },
        { type: 'network_changed' },
        { type: 'signalling', up: true },
        { type: 'signalling', up: false },
        { type: 'asked' },
        { type: 'offered' },
        { type: 'remote_restart' },
        { type: 'refused' },
        { type: 'time' },
      ),
      fc.nat(20_000).map((delayMs) => ({ type: 'wait' as const, delayMs })),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), fc.boolean(), (events, canRestart) => {
        const one = path({ canRestart });
        let sinceWhole: string[] = [];
        for (const each of events) {
          const heard = one.acts.length;
          if (each.type === 'wait') one.wait(each.delayMs);
          else one.tell(each);
          sinceWhole.push(...one.acts.slice(heard));
          if (one.model.phase === 'whole') sinceWhole = [];
          expect(sinceWhole.filter((act) => act === 'restart').length).toBeLessThanOrEqual(canRestart ? 3 : 0);
          expect(sinceWhole.filter((act) => act === 'give_up').length).toBeLessThanOrEqual(1);
          const { phase, deadline }: PathModel = one.model;
          if (['new', 'whole', 'waiting', 'lost'].includes(phase)) expect(deadline).toBeUndefined();
          if (phase === 'helpless') expect(deadline).toBeDefined();
        }
      }),
      { numRuns: 500 },
    );
  });
});
