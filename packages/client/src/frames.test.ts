import { decodeServerMessage, SERVER_MESSAGES, type ServerMessageType } from '@ringdown/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeFrame } from './frames.ts';

const userId = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }).map(String);
const signed = {
  callId: fc.string(),
  senderId: userId,
  timestamp: fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true }).map((date) => date.toISOString()),
};
const person = fc.record({ id: fc.integer(), username: fc.string(), avatar: fc.string() });
const optional = { noNullPrototype: true };
const sdp = fc.string({ minLength: 1 });
const candidate = fc.record(
  {
    candidate: fc.string(),
    sdpMid: fc.option(fc.string({ maxLength: 64 })),
    sdpMLineIndex: fc.option(fc.nat({ max: 65535 })),
    usernameFragment: fc.option(fc.string({ maxLength: 256 })),
  },
  { ...optional, requiredKeys: ['candidate'] },
);

/** What the service may say, by type; complete, or the compiler complains. */
const DATA: Record<ServerMessageType, fc.Arbitrary<object>> = {
  'call:offer': fc.record(
    {
      ...signed,
      senderInfo: person,
      offer: fc.record({ type: fc.constant('offer'), sdp }),
      conversationId: fc.string(),
      callType: fc.constantFrom('video', 'audio'),
      ttlMs: fc.integer(),
      replayed: fc.constant(true),
      renegotiation: fc.constant(true),
      negotiationId: fc.nat(),
      polite: fc.boolean(),
      takeover: fc.constant(true),
    },
    { ...optional, requiredKeys: ['callId', 'senderId', 'timestamp', 'senderInfo', 'offer', 'callType'] },
  ),
  'call:answer': fc.record(
    {
      ...signed,
      responderInfo: person,
      answer: fc.record({ type: fc.constant('answer'), sdp }),
      negotiationId: fc.nat(),
    },
    { ...optional, requiredKeys: ['callId', 'senderId', 'timestamp', 'responderInfo', 'answer'] },
  ),
  'call:ice_candidate': fc.record(
    { ...signed, candidate: fc.option(candidate), candidates: fc.array(fc.option(candidate), { maxLength: 3 }) },
    { ...optional, requiredKeys: ['callId', 'senderId', 'timestamp'] },
  ),
  'call:hang_up': fc.record(
    { ...signed, reason: fc.string() },
    { ...optional, requiredKeys: ['callId', 'senderId', 'timestamp'] },
  ),
  'call:reject': fc.record(
    { ...signed, reason: fc.string() },
    { ...optional, requiredKeys: ['callId', 'senderId', 'timestamp'] },
  ),
  'call:busy': fc.record({ ...signed, message: fc.string() }),
  'call:not_available': fc.record(
    { callId: fc.string(), message: fc.string(), receiverId: userId },
    { ...optional, requiredKeys: ['message', 'receiverId'] },
  ),
  'call:timeout': fc.record({ ...signed, receiverId: userId, stage: fc.constant('ring'), message: fc.string() }),
  ack: fc.record({ callId: fc.string(), negotiationId: fc.nat() }, { ...optional, requiredKeys: [] }),
  error: fc.record(
    {
      message: fc.string(),
      code: fc.integer(),
      reason: fc.string(),
      callId: fc.string(),
      retryAfterMs: fc.integer(),
    },
    { ...optional, requiredKeys: ['message', 'code'] },
  ),
  hello: fc.record({
    sessionId: fc.string(),
    resumed: fc.boolean(),
    lastSeq: fc.nat(),
    resumeToken: fc.string(),
    user: person,
    calls: fc.array(
      fc.record({
        callId: fc.string(),
        direction: fc.constantFrom('outgoing', 'incoming'),
        peer: person,
        callType: fc.constantFrom('video', 'audio'),
        phase: fc.constantFrom('ringing', 'active'),
        startedAt: signed.timestamp,
        answeredAt: fc.option(signed.timestamp),
        here: fc.boolean(),
      }),
      { maxLength: 2 },
    ),
    limits: fc.dictionary(fc.string(), fc.integer()),
    serverTime: signed.timestamp,
  }),
  pong: fc.constant({}),
  'call:ringing': fc.record({ callId: fc.string(), devices: fc.integer() }),
  'call:accepting_elsewhere': fc.record({ callId: fc.string(), holdMs: fc.integer() }),
  'call:peer_state': fc.record({ callId: fc.string(), state: fc.constantFrom('reconnecting', 'connected') }),
  'call:media_state': fc.record({
    ...signed,
    audio: fc.constantFrom('on', 'off'),
    video: fc.constantFrom('on', 'off', 'screen'),
  }),
  presence: fc.record({
    users: fc.array(fc.record({ userId, state: fc.constantFrom('online', 'offline') }), { maxLength: 3 }),
  }),
};

const frame = fc.oneof(
  ...(Object.keys(SERVER_MESSAGES) as ServerMessageType[]).map((type) =>
    fc.record(
      { type: fc.constant(type), data: DATA[type], id: fc.string(), seq: fc.nat() },
      { ...optional, requiredKeys: ['type', 'data'] },
    ),
  ),
);

/** Fields that the SDK does not read, so that it does not check them either. */
const UNREAD = ['timestamp', 'stage', 'conversationId', 'replayed', 'seq', 'sessionId', 'user', 'limits'];
/** What may stand in the place of a field, wrong in every way. */
const nonsense = fc.constantFrom<unknown>(null, 7, 'text', true, [], {}, [[]], { callId: 1 });

/** Every path of a value, as its keys. */
function pathsOf(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, child]) => pathsOf(child, [...path, key]))];
}
function withChange(
  value: unknown,
  [key, ...rest]: string[],
  change: (at: Record<string, unknown>, key: string) => void,
) {
  const copy = structuredClone(value) as Record<string, unknown>;
  let at = copy;
  let last = key!;
  for (const next of rest) {
    at = at[last] as Record<string, unknown>;
    last = next;
  }
  change(at, last);
  return copy;
}

describe('frames of the service', () => {
  it('every frame that fits the protocol’s schemas is taken, unchanged', () => {
    fc.assert(
      fc.property(frame, (value) => {
        const text = JSON.stringify(value);
        fc.pre(decodeServerMessage(text).ok);
        expect(decodeFrame(text)).toEqual({ ok: true, message: JSON.parse(text), seq: JSON.parse(text).seq });
      }),
    );
  });

  it('the generator of this test makes frames that fit', () => {
    const fitting = fc.sample(frame, 300).filter((value) => decodeServerMessage(JSON.stringify(value)).ok);
    expect(fitting.length).toBeGreaterThan(290);
    expect(new Set(fitting.map(({ type }) => type)).size).toBe(Object.keys(SERVER_MESSAGES).length);
  });

  it('a frame with one field missing or wrong is taken only where the schemas take it, or the field is never read', () => {
    const taken: string[] = [];
    fc.assert(
      fc.property(frame, fc.nat(), fc.option(nonsense, { nil: undefined }), (value, pick, replacement) => {
        const paths = pathsOf(value).filter(
          (path) => path.length > 0 && !path.some((key) => UNREAD.includes(key)) && path[0] !== 'type',
        );
        const path = paths[pick % paths.length]!;
        const broken = withChange(value, path, (at, key) => {
          if (replacement === undefined) delete at[key];
          else at[key] = replacement;
        });
        const text = JSON.stringify(broken);
        if (decodeServerMessage(text).ok || !decodeFrame(text).ok) return;
        taken.push(`${path.join('.')} = ${JSON.stringify(replacement)}`);
      }),
      { numRuns: 3000 },
    );
    // Looser by intent: any text will do as an id, any number as a number, and the end of candidates is no mistake.
    const harmless =
      /^data\.(senderId|receiverId|users\.\d\.userId) = "text"$|^data\.(serverTime|calls\.\d\.(startedAt|answeredAt)) = "text"$|^data\.candidate = null$|\.(id|code|ttlMs|retryAfterMs|sdpMLineIndex) = 7$/;
    expect(taken.filter((each) => !harmless.test(each))).toEqual([]);
  });

  it('no text at all makes it throw', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(decodeFrame(text)).toHaveProperty('ok');
      }),
    );
  });

  it('a type of a newer service is told apart from nonsense', () => {
    expect(decodeFrame('{"type":"call:party","data":{}}')).toMatchObject({ ok: false, problem: 'unknown_type' });
    expect(decodeFrame('{"type":"toString","data":{}}')).toMatchObject({ ok: false, problem: 'unknown_type' });
    expect(decodeFrame('{"type":"call:busy","data":{}}')).toMatchObject({ ok: false, problem: 'malformed' });
  });

  it('[IC-3] the end of candidates is a frame like others', () => {
    const text = '{"type":"call:ice_candidate","data":{"callId":"c","senderId":"1","candidate":null}}';
    expect(decodeFrame(text)).toMatchObject({ ok: true });
  });
});
