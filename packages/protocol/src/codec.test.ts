/** Text to checked message and back. */
import fc from 'fast-check';
import Value from 'typebox/value';
import { describe, expect, test } from 'vitest';
import { decodeClientMessage, decodeServerMessage, encode, withTtl } from './codec.ts';
import { WIRE_LIMITS } from './limits.ts';
import { CLIENT_MESSAGES, VideoCallMessageType } from './messages.ts';

const offer = (data: object = {}) => ({
  type: 'call:offer',
  data: { receiverId: '7', offer: { type: 'offer', sdp: 'v=0' }, ...data },
});
const decode = (message: unknown) =>
  decodeClientMessage(typeof message === 'string' ? message : JSON.stringify(message));

describe('a frame of a client', () => {
  test('comes out with only the keys of its type', () => {
    expect(decode({ ...offer({ more: 1 }), id: 'a', more: 1 })).toEqual({ ok: true, value: { ...offer(), id: 'a' } });
  });

  test('[OF-2] a user id may be the number, and comes out as the string', () => {
    expect(decode(offer({ receiverId: 7 }))).toMatchObject({ value: { data: { receiverId: '7' } } });
    expect(decode(offer({ receiverId: Number.MAX_SAFE_INTEGER }))).toMatchObject({
      value: { data: { receiverId: '9007199254740991' } },
    });
  });

  test.each([
    ['text', 'hello', 'expected a JSON object, got text that is not JSON'],
    ['a number', '7', 'expected a JSON object {"type", "data"}'],
    ['another type', { type: 'call:dance' }, `type must be one of ${Object.keys(CLIENT_MESSAGES).join(', ')}`],
    ['no receiver', offer({ receiverId: undefined }), 'call:offer.data must have required properties receiverId'],
    [
      'a receiver above 2^53',
      offer({ receiverId: '9007199254740992' }),
      'call:offer.data.receiverId must be below 2^53 or must be integer',
    ],
    [
      'a wrong kind of description',
      offer({ offer: { type: 'answer', sdp: 'v=0' } }),
      'call:offer.data.offer.type must be "offer"',
    ],
    [
      'a wrong call type',
      offer({ callType: 'hologram' }),
      'call:offer.data.callType must be "video" or must be "audio"',
    ],
    [
      'no candidate at all',
      { type: 'call:ice_candidate', data: {} },
      'call:ice_candidate.data must have candidate or candidates',
    ],
  ])('with %s is refused by one sentence that says what was expected', (_, message, expected) => {
    expect(decode(message)).toMatchObject({ ok: false, message: expected });
  });

  test('a refusal carries the request id when that could be read', () => {
    expect(decode({ type: 'call:dance', id: 'a' })).toMatchObject({ ok: false, id: 'a' });
    expect(decode({ type: 'call:dance', id: 'x'.repeat(65) })).not.toHaveProperty('id');
    expect(decode({ ...offer({ receiverId: '01' }), id: 'b' })).toMatchObject({ id: 'b' });
  });

  test('[T33] a refusal never repeats what came', () => {
    for (const message of [
      offer({ receiverId: 'canary' }),
      offer({ offer: { type: 'canary', sdp: 'canary' } }),
      { type: 'canary' },
      '"canary',
      { ...offer(), id: 'canary'.repeat(20) },
    ]) {
      const refused = decode(message);
      expect(refused.ok).toBe(false);
      expect(refused.ok ? '' : refused.message).not.toContain('canary');
    }
  });

  test('[IC-3] a candidate passes untouched, keys nobody knows included', () => {
    const candidate = { candidate: 'candidate:1', sdpMid: null, sdpMLineIndex: 0, foo: { bar: [1, null] } };
    const message = { type: 'call:ice_candidate', data: { callId: 'c', candidate, candidates: [candidate, null] } };
    expect(decode(message)).toEqual({ ok: true, value: message });
  });

  test('[IC-3] a candidate may have 1 KiB of JSON and not one character more, whatever it is made of', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 64 }),
      fc.constantFrom('"', '\\\\', '\\u0000', '\\ud800', '…', 'x'),
    );
    const field = fc.option(text);
    const padding = fc.integer({ min: 500, max: WIRE_LIMITS.candidateChars }).map((length) => 'p'.repeat(length));
    const candidates = fc.record(
      {
        candidate: fc.tuple(text, padding).map((parts) => parts.join('')),
        sdpMid: field,
        usernameFragment: field,
        more: text,
      },
      { requiredKeys: ['candidate'] },
    );
    const fits = (each: object) => JSON.stringify(each).length <= WIRE_LIMITS.candidateChars;
    fc.assert(
      fc.property(candidates, (each) => {
        fc.pre(each.candidate.length <= WIRE_LIMITS.candidateChars);
        expect(decode({ type: 'call:ice_candidate', data: { candidate: each } }).ok).toBe(fits(each));
        expect(decode({ type: 'call:ice_candidate', data: { candidates: [null, each] } }).ok).toBe(fits(each));
      }),
    );
    const room = WIRE_LIMITS.candidateChars - JSON.stringify({ candidate: '' }).length;
    for (const [length, ok] of [
      [room, true],
      [room + 1, false],
    ] as const) {
      expect(decode({ type: 'call:ice_candidate', data: { candidate: { candidate: 'p'.repeat(length) } } }).ok).toBe(
        ok,
      );
    }
  });

  test('[OF-2] of a key that stands twice the last counts: for the check and for everybody after it', () => {
    expect(decode('{"type":"call:hang_up","type":"call:busy","data":{"callId":"a"},"data":{"callId":"b"}}')).toEqual({
      ok: true,
      value: { type: 'call:busy', data: { callId: 'b' } },
    });
    expect(decode('{"type":"call:busy","data":{"callId":"a","callId":7}}')).toMatchObject({ ok: false });
  });

  test('is without the keys that its type does not name, at every depth, and with all the others', () => {
    const noise = fc.dictionary(
      fc.constantFrom('senderId', '__proto__', 'constructor', 'seq', 'more'),
      fc.jsonValue({ maxDepth: 1 }),
      {
        maxKeys: 3,
      },
    );
    const mixed = <T extends object>(known: T) => noise.map((more) => ({ ...more, ...known }));
    const frames = fc.oneof(
      fc.tuple(mixed({ type: 'offer', sdp: 'v=0' }), noise, noise).map(([description, data, frame]) => ({
        ...frame,
        type: 'call:offer',
        data: { ...data, receiverId: '7', offer: description },
      })),
      fc.tuple(mixed({ quality: 3 }), noise).map(([metrics, data]) => ({
        type: 'call:hang_up',
        data: { ...data, callId: 'c', metrics },
      })),
      fc.tuple(mixed({ token: 't', lastSeq: 1 }), noise).map(([resume, data]) => ({
        type: 'hello',
        data: { ...data, version: 1, deviceId: 'd', resume },
      })),
      fc.tuple(mixed({ candidate: 'x' }), noise).map(([candidate, data]) => ({
        type: 'call:ice_candidate',
        data: { ...data, candidates: [candidate, null] },
      })),
    );
    fc.assert(
      fc.property(frames, (frame) => {
        const sent = JSON.stringify(frame);
        const schema = CLIENT_MESSAGES[frame.type as keyof typeof CLIENT_MESSAGES];
        // The library's own way of doing it, which takes 35 µs.
        expect(decodeClientMessage(sent)).toEqual({ ok: true, value: Value.Clean(schema, JSON.parse(sent)) });
      }),
    );
  });

  test('[QU-1] figures out of range are taken out of a hang-up, and the hang-up stands', () => {
    const hangUp = (metrics: unknown) => decode({ type: 'call:hang_up', data: { callId: 'c', metrics } });
    expect(hangUp({ quality: 5, packetLoss: 100, latency: 0 })).toMatchObject({
      value: { data: { metrics: { quality: 5, packetLoss: 100, latency: 0 } } },
    });
    expect(hangUp({ quality: 0, packetLoss: 101, latency: 'slow' })).toMatchObject({
      value: { data: { metrics: {} } },
    });
    for (const nonsense of [7, 'good', null, []])
      expect(hangUp(nonsense)).toMatchObject({ ok: true, value: { type: 'call:hang_up' } });
  });

  test('[T37] an object may have 64 keys and not one more', () => {
    const keys = (n: number) => ({
      type: 'ping',
      data: Object.fromEntries(Array.from({ length: n }, (_, k) => [`k${k}`, k])),
    });
    expect(decode(keys(WIRE_LIMITS.jsonKeys)).ok).toBe(true);
    expect(decode(keys(WIRE_LIMITS.jsonKeys + 1))).toMatchObject({ ok: false, reason: 'invalid_json' });
  });

  test('[T37] an array may have 64 items and not one more, so that no frame takes long to refuse', () => {
    const items = (n: number) => ({ type: 'ping', data: Array.from({ length: n }, () => null) });
    expect(decode(items(WIRE_LIMITS.jsonItems)).ok).toBe(true);
    expect(decode(items(WIRE_LIMITS.jsonItems + 1))).toMatchObject({ ok: false, reason: 'invalid_json' });
    const candidates = Array.from({ length: 13_000 }, () => null);
    const began = performance.now();
    expect(decode({ type: 'call:ice_candidate', id: 'a', data: { candidates } })).toMatchObject({ ok: false, id: 'a' });
    expect(performance.now() - began).toBeLessThan(50);
  });

  test('[T37] whatever the text is, the answer is a result and no exception', () => {
    const text = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .record({ type: fc.constantFrom(...Object.keys(CLIENT_MESSAGES)), data: fc.jsonValue(), id: fc.jsonValue() })
        .map((frame) => JSON.stringify(frame)),
    );
    fc.assert(
      fc.property(text, (frame) => {
        const result = decodeClientMessage(frame);
        expect(typeof result.ok).toBe('boolean');
        if (!result.ok) expect(result.message.length).toBeGreaterThan(0);
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('a frame of the service', () => {
  const busy = {
    type: 'call:busy',
    data: { callId: 'c', senderId: '7', message: 'm', timestamp: '2026-01-01T00:00:00.000Z' },
  } as const;

  test('comes back as it was written', () => {
    expect(decodeServerMessage(encode(busy))).toEqual({ ok: true, value: busy });
  });

  test('keeps keys a later version may add', () => {
    const later = { ...busy, data: { ...busy.data, mood: 'sorry' } };
    expect(decodeServerMessage(JSON.stringify(later))).toEqual({ ok: true, value: later });
  });

  test('that is malformed or unknown is an error a client can report', () => {
    for (const text of ['', 'null', '{"type":"call:dance"}', '{"type":"call:busy","data":{}}']) {
      expect(decodeServerMessage(text)).toMatchObject({ ok: false, message: expect.any(String) });
    }
  });

  test('[OF-4] the time left is written into an encoded offer as the last field, never below zero', () => {
    const text = encode(busy);
    expect(JSON.parse(withTtl(text, 1234.9))).toEqual({ ...busy, data: { ...busy.data, ttlMs: 1234 } });
    expect(JSON.parse(withTtl(text, -5)).data.ttlMs).toBe(0);
  });
});

test('the contract’s enumeration works as it is written there', () => {
  const used: VideoCallMessageType = VideoCallMessageType.offer;
  expect(used).toBe('call:offer');
  expect(Object.entries(VideoCallMessageType)).toEqual([
    ['offer', 'call:offer'],
    ['answer', 'call:answer'],
    ['ice_candidate', 'call:ice_candidate'],
    ['hang_up', 'call:hang_up'],
    ['reject', 'call:reject'],
    ['busy', 'call:busy'],
    ['not_available', 'call:not_available'],
    ['timeout', 'call:timeout'],
  ]);
});
