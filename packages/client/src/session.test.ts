import { describe, expect, it } from 'vitest';
import { Session } from './session.ts';

describe('a session', () => {
  it('[HE-1] says hello with its name, its language and what it can do', () => {
    expect(new Session().hello('phone', 'en')).toEqual({
      version: 1,
      deviceId: 'phone',
      lang: 'en',
      caps: ['renegotiate', 'media_state'],
    });
    expect(new Session().hello('phone', undefined)).not.toHaveProperty('lang');
  });

  it('[HE-2] goes on after what it has handled, with the token it was given last', () => {
    const session = new Session();
    session.greeted({ resumeToken: 't1', lastSeq: 0 });
    session.handled(3, false, 0);
    session.handled(7, false, 0);
    expect(session.hello('phone', undefined).resume).toEqual({ token: 't1', lastSeq: 7 });
    session.greeted({ resumeToken: 't2', lastSeq: 7 });
    expect(session.hello('phone', undefined).resume).toEqual({ token: 't2', lastSeq: 7 });
    session.greeted({ resumeToken: 't3', lastSeq: 0 });
    expect(session.hello('phone', undefined).resume).toEqual({ token: 't3', lastSeq: 0 });
  });

  it('[HE-2] knows what it has handled before, and begins anew with a mailbox that does', () => {
    const session = new Session();
    session.greeted({ resumeToken: 't1', lastSeq: 41 });
    expect(session.isNew(41)).toBe(false);
    expect(session.isNew(1_000_042)).toBe(true);
    session.handled(1_000_042, false, 0);
    expect(session.isNew(1_000_042)).toBe(false);
    session.greeted({ resumeToken: 't2', lastSeq: 0 });
    expect(session.isNew(1)).toBe(true);
  });

  it('[HE-1] acknowledges together what came within a second, an offer at once', () => {
    const session = new Session();
    session.greeted({ resumeToken: 't', lastSeq: 0 });
    session.handled(1, false, 100);
    session.handled(2, false, 700);
    expect(session.nextAt).toBe(900);
    expect(session.takeAck(899)).toBeUndefined();
    expect(session.takeAck(900)).toBe(2);
    expect(session.takeAck(2_000)).toBeUndefined();
    session.handled(3, true, 2_000);
    expect(session.takeAck(2_000)).toBe(3);
    expect(session.nextAt).toBe(Number.POSITIVE_INFINITY);
  });

  it('forgets where it was when it is told to', () => {
    const session = new Session();
    session.greeted({ resumeToken: 't', lastSeq: 5 });
    session.forget();
    expect(session.hello('phone', undefined).resume).toBeUndefined();
  });
});
