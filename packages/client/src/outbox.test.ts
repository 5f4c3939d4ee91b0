import { describe, expect, it } from 'vitest';
import { RingdownError } from './errors.ts';
import { Outbox } from './outbox.ts';

const PATIENT = { giveUpAfterMs: 120_000 };
const refusal = (reason: 'overloaded' | 'draining' | 'not_allowed' | 'negotiation_collision', retryAfterMs?: number) =>
  new RingdownError('rejected_by_service', 'no', { reason, retryAfterMs });

function setUp() {
  const outbox = new Outbox();
  const heard: string[] = [];
  const put = (id: string, now = 0, options: Parameters<Outbox['put']>[3] = PATIENT) =>
    outbox.put(
      id,
      `text ${id}`,
      {
        ack: (data, repeated) => heard.push(`${id} ack ${data.callId ?? ''} ${repeated}`),
        error: (error, repeated) => heard.push(`${id} ${error.reason ?? error.code} ${repeated}`),
      },
      options,
      now,
    );
  return { outbox, heard, put };
}

describe('an outbox', () => {
  it('writes at once on a socket, and keeps what there is no socket for', () => {
    const { outbox, put } = setUp();
    expect(put('a')).toBe(false);
    expect(outbox.online(1)).toEqual(['text a']);
    expect(put('b', 2)).toBe(true);
  });

  it('[OF-4] writes what was not answered again over the next socket, in order', () => {
    const { outbox, put, heard } = setUp();
    outbox.online(0);
    for (const id of ['a', 'b', 'c']) put(id);
    outbox.acknowledged('b', { callId: 'x' });
    outbox.offline();
    put('d');
    expect(outbox.online(5)).toEqual(['text a', 'text c', 'text d']);
    outbox.acknowledged('a', {});
    outbox.acknowledged('a', {});
    expect(heard).toEqual(['b ack x false', 'a ack  true']);
  });

  it('what was cancelled on its way is not written again, and its acknowledgement goes to who asked for it', () => {
    const { outbox, put, heard } = setUp();
    put('a');
    expect(outbox.cancel('a', () => heard.push('never'))).toBe(false);
    outbox.online(0);
    for (const id of ['b', 'c', 'd']) {
      put(id);
      expect(outbox.cancel(id, ({ callId }) => heard.push(`late ${callId}`))).toBe(true);
    }
    outbox.offline();
    expect(outbox.online(1)).toEqual([]);
    outbox.acknowledged('b', { callId: 'x' });
    outbox.refused('c', new RingdownError('unauthenticated', 'no'), 2);
    outbox.due(120_000);
    for (const id of ['a', 'b', 'c', 'd']) outbox.acknowledged(id, { callId: 'y' });
    expect(heard).toEqual(['late x']);
  });

  it('holds a socket for dead that answers nothing for ten seconds', () => {
    const { outbox, put } = setUp();
    outbox.online(0);
    put('a', 1);
    expect(outbox.nextAt).toBe(10_001);
    expect(outbox.due(10_000).dead).toBe(false);
    expect(outbox.due(10_001).dead).toBe(true);
    outbox.offline();
    expect(outbox.due(20_000).dead).toBe(false);
  });

  it('waits anew when that deadline was slept through', () => {
    const { outbox, put } = setUp();
    outbox.online(0);
    put('a');
    expect(outbox.due(60_000).dead).toBe(false);
    expect(outbox.due(70_000).dead).toBe(true);
  });

  it('forgives that once: a page that is always late finds a dead socket too', () => {
    const { outbox, put } = setUp();
    outbox.online(0);
    put('a');
    expect(outbox.due(60_000).dead).toBe(false);
    expect(outbox.due(80_000).dead).toBe(true);
    outbox.offline();
    outbox.online(80_001);
    expect(outbox.due(110_000).dead).toBe(false);
  });

  it('[DS-2] keeps what a service that stops refused for the next socket, however little it repeats', () => {
    const { outbox, put, heard } = setUp();
    outbox.online(0);
    put('a', 0, { giveUpAfterMs: 20_000, repeats: false });
    outbox.refused('a', refusal('draining'), 1);
    expect(outbox.due(19_999)).toEqual({ write: [], dead: false });
    outbox.offline();
    expect(outbox.online(19_999)).toEqual(['text a']);
    outbox.refused('a', refusal('draining'), 19_999);
    outbox.due(20_000);
    expect(heard).toEqual(['a timeout true']);
  });

  it('repeats what the service could not take at the moment, three times, when it says', () => {
    const { outbox, put, heard } = setUp();
    outbox.online(0);
    put('a');
    for (let at = 0; at < 3 * 700; at += 700) {
      outbox.refused('a', refusal('overloaded', 700), at);
      expect(outbox.due(at + 699).write).toEqual([]);
      expect(outbox.due(at + 700).write).toEqual(['text a']);
    }
    outbox.refused('a', refusal('overloaded'), 3_000);
    expect(heard).toEqual(['a overloaded true']);
    expect(outbox.nextAt).toBe(Number.POSITIVE_INFINITY);
  });

  it('repeats nothing that asks not to be, and nothing that is refused for good', () => {
    const { outbox, put, heard } = setUp();
    outbox.online(0);
    put('a', 0, { ...PATIENT, repeats: false });
    outbox.refused('a', refusal('negotiation_collision'), 1);
    put('b');
    outbox.refused('b', refusal('not_allowed'), 1);
    expect(heard).toEqual(['a negotiation_collision false', 'b not_allowed false']);
  });

  it('[AU-3] keeps what was refused for the token, once', () => {
    const { outbox, put, heard } = setUp();
    outbox.online(0);
    put('a', 0, { ...PATIENT, repeats: false });
    const expired = new RingdownError('unauthenticated', 'no', { reason: 'token_expired' });
    expect(outbox.refused('a', expired, 1)).toBe('token');
    expect(outbox.due(60_000)).toEqual({ write: [], dead: false });
    expect(outbox.again('a', 60_000)).toBe('text a');
    expect(outbox.refused('a', expired, 60_001)).toBeUndefined();
    expect(heard).toEqual(['a token_expired true']);
  });

  it('gives up what is not worth sending any more, sent or not', () => {
    const { outbox, put, heard } = setUp();
    put('a', 0, { giveUpAfterMs: 5_000 });
    expect(outbox.nextAt).toBe(5_000);
    outbox.due(5_000);
    expect(heard).toEqual(['a timeout false']);
    expect(outbox.online(6_000)).toEqual([]);
  });

  it('what was given up may still be cancelled by who hears of it, for whom a late acknowledgement counts', () => {
    const { outbox } = setUp();
    outbox.online(0);
    const late: unknown[] = [];
    const error = () => expect(outbox.cancel('a', (data) => late.push(data))).toBe(true);
    outbox.put('a', 'text a', { error }, { giveUpAfterMs: 5_000 }, 0);
    outbox.due(5_000);
    outbox.offline();
    expect(outbox.online(6_000)).toEqual([]);
    outbox.acknowledged('a', { callId: 'x' });
    expect([late, outbox.nextAt]).toEqual([[{ callId: 'x' }], Number.POSITIVE_INFINITY]);
  });

  it('does not write what had its time before there was a socket', () => {
    const { outbox, put, heard } = setUp();
    put('a', 0, { giveUpAfterMs: 5_000 });
    put('b');
    expect(outbox.online(5_000)).toEqual(['text b']);
    outbox.due(5_000);
    expect(heard).toEqual(['a timeout false']);
  });

  it('forgets what was cancelled, and says whether it may have arrived', () => {
    const { outbox, put, heard } = setUp();
    put('a');
    expect(outbox.cancel('a')).toBe(false);
    outbox.online(0);
    put('b');
    expect(outbox.cancel('b')).toBe(true);
    expect(outbox.cancel('b')).toBe(false);
    outbox.acknowledged('b', {});
    expect(heard).toEqual([]);
  });
});
