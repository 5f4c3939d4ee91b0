/**
 * Every frame that crosses the socket: TypeBox schemas, and the types inferred from them. Nothing is typed twice.
 * A schema lists the keys that matter; unknown keys of a client are dropped by the codec, never refused.
 */
import Type, { type Static } from 'typebox';
import { UserIdInput, UserIdText } from './ids.ts';
import { WIRE_LIMITS } from './limits.ts';

/** The contract's event names; `VideoCallMessageType.offer` works as it is written there. */
export const VideoCallMessageType = Object.freeze({
  offer: 'call:offer',
  answer: 'call:answer',
  ice_candidate: 'call:ice_candidate',
  hang_up: 'call:hang_up',
  reject: 'call:reject',
  busy: 'call:busy',
  not_available: 'call:not_available',
  timeout: 'call:timeout',
} as const);
/** One of the contract's event names. */
export type VideoCallMessageType = (typeof VideoCallMessageType)[keyof typeof VideoCallMessageType];

// ---------------------------------------------------------------------------------------------------- building blocks

const CallIdInput = Type.String({ minLength: 1, maxLength: WIRE_LIMITS.callIdChars });
const OptionalCallId = Type.Optional(Type.String({ maxLength: WIRE_LIMITS.callIdChars }));
const Reason = Type.Optional(Type.String({ maxLength: WIRE_LIMITS.reasonChars }));
const Sdp = Type.String({ minLength: 1, maxLength: WIRE_LIMITS.sdpChars });
const Receiver = Type.Optional(UserIdInput);

/** A session description, `RTCSessionDescriptionInit` with both fields present. */
const OfferDescription = Type.Object({ type: Type.Literal('offer'), sdp: Sdp });
const AnswerDescription = Type.Object({ type: Type.Literal('answer'), sdp: Sdp });
/** `{type, sdp}` of either kind. `sdp` is passed on byte for byte. */
export type SessionDescription = Static<typeof OfferDescription> | Static<typeof AnswerDescription>;

/** A candidate as `RTCIceCandidate.toJSON()` makes it; passed on untouched, further keys included (IC-3). */
const Candidate = Type.Object(
  {
    candidate: Type.String({ maxLength: WIRE_LIMITS.candidateChars }),
    sdpMid: Type.Optional(Type.Union([Type.String({ maxLength: 64 }), Type.Null()])),
    sdpMLineIndex: Type.Optional(Type.Union([Type.Integer({ minimum: 0, maximum: 65535 }), Type.Null()])),
    usernameFragment: Type.Optional(Type.Union([Type.String({ maxLength: 256 }), Type.Null()])),
  },
  { additionalProperties: true },
);
/** One ICE candidate (RFC 8839 §5.1 in its `candidate` field). */
export type IceCandidate = Static<typeof Candidate>;
const CandidateOrEnd = Type.Union([Candidate, Type.Null()]);

/** Whether a call was asked for with a camera. */
export const CallType = Type.Union([Type.Literal('video'), Type.Literal('audio')]);
/** Whether a call was asked for with a camera. */
export type CallType = Static<typeof CallType>;

/** The quality a side saw, on its hang-up. Values out of range are dropped, the hang-up counts (QU-1). */
export const QualityMetrics = Type.Object({
  quality: Type.Optional(Type.Number({ minimum: 1, maximum: 5, description: 'score, 1 bad to 5 good' })),
  packetLoss: Type.Optional(Type.Number({ minimum: 0, maximum: 100, description: 'per cent' })),
  latency: Type.Optional(Type.Number({ minimum: 0, maximum: 600_000, description: 'milliseconds' })),
});
/** The quality a side saw: score 1–5, loss in per cent, latency in ms. */
export type QualityMetrics = Static<typeof QualityMetrics>;

/** The language tag of a client's texts, BCP 47. */
const LanguageTag = Type.String({ minLength: 1, maxLength: 35 });
/** A device's own name, chosen by the client: what makes two sockets the same endpoint (HE-3). */
const DeviceId = Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$' });

/** What an extended client can do beyond taking and making calls. Unknown words are ignored (HE-1). */
export const CAPABILITIES = ['renegotiate', 'media_state'] as const;
/** Something an extended client can do. */
export type Capability = (typeof CAPABILITIES)[number];

/** What a side sends: sound, and a camera or a screen (MS-1). */
const OnOff = Type.Union([Type.Literal('on'), Type.Literal('off')]);
const VideoState = Type.Union([Type.Literal('on'), Type.Literal('off'), Type.Literal('screen')]);

/** How media goes, as a bound endpoint reports it: kinds and codes, never addresses (ST-1). */
export const CandidateKind = Type.Union([
  Type.Literal('host'),
  Type.Literal('srflx'),
  Type.Literal('prflx'),
  Type.Literal('relay'),
]);
/** The kind of a candidate (RFC 8445 §5.1.1). */
export type CandidateKind = Static<typeof CandidateKind>;
const ReportState = Type.Union([Type.Literal('connected'), Type.Literal('flowing'), Type.Literal('failed')]);

/** Who is at the other end, as the receiver of an offer or answer is told. `id` is the number of the user id. */
export const SenderInfo = Type.Object({ id: Type.Integer(), username: Type.String(), avatar: Type.String() });
/** Who is at the other end. */
export type SenderInfo = Static<typeof SenderInfo>;

/** ISO 8601 UTC with milliseconds. */
const Timestamp = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z$' });

// ------------------------------------------------------------------------------------------------- client to service

const RequestId = Type.Optional(Type.String({ minLength: 1, maxLength: WIRE_LIMITS.requestIdChars }));
const clientFrame = <T extends string, D extends Type.TSchema>(type: T, data: D) =>
  Type.Object({ type: Type.Literal(type), data, id: RequestId });

/** What a client may send, by type. */
export const CLIENT_MESSAGES = {
  auth: clientFrame('auth', Type.Object({ token: Type.String({ minLength: 1, maxLength: 8000 }) })),
  ping: Type.Object({ type: Type.Literal('ping'), data: Type.Optional(Type.Unknown()), id: RequestId }),
  hello: clientFrame(
    'hello',
    Type.Object({
      version: Type.Integer({ minimum: 0 }),
      deviceId: DeviceId,
      lang: Type.Optional(LanguageTag),
      caps: Type.Optional(Type.Array(Type.String({ maxLength: 32 }), { maxItems: 32 })),
      resume: Type.Optional(
        Type.Object({
          token: Type.String({ minLength: 1, maxLength: 128 }),
          lastSeq: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
        }),
      ),
    }),
  ),
  ack: clientFrame('ack', Type.Object({ seq: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }) })),
  'call:offer': clientFrame(
    'call:offer',
    Type.Object({
      receiverId: UserIdInput,
      offer: OfferDescription,
      conversationId: Type.Optional(Type.String({ maxLength: WIRE_LIMITS.conversationIdChars })),
      callType: Type.Optional(CallType),
      ringTimeoutMs: Type.Optional(Type.Number({ description: 'asked ring time in ms, clamped to 10–180 s' })),
      callId: Type.Optional(
        Type.String({
          maxLength: WIRE_LIMITS.callIdChars,
          description: 'extended: renegotiates this active call (RN-1)',
        }),
      ),
      takeover: Type.Optional(
        Type.Boolean({
          description:
            'extended: my call with the receiver goes on here, from my other device or after a reload (GL-2)',
        }),
      ),
    }),
  ),
  'call:answer': clientFrame(
    'call:answer',
    Type.Object({
      callId: CallIdInput,
      receiverId: Receiver,
      answer: AnswerDescription,
      negotiationId: Type.Optional(
        Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, description: 'answers a renegotiation (RN-1)' }),
      ),
    }),
  ),
  'call:ice_candidate': clientFrame(
    'call:ice_candidate',
    Type.Object({
      callId: OptionalCallId,
      receiverId: Receiver,
      candidate: Type.Optional(CandidateOrEnd),
      candidates: Type.Optional(Type.Array(CandidateOrEnd, { maxItems: WIRE_LIMITS.candidatesPerFrame })),
    }),
  ),
  'call:hang_up': clientFrame(
    'call:hang_up',
    Type.Object({
      callId: OptionalCallId,
      receiverId: Receiver,
      reason: Reason,
      metrics: Type.Optional(QualityMetrics),
    }),
  ),
  'call:reject': clientFrame('call:reject', Type.Object({ callId: CallIdInput, receiverId: Receiver, reason: Reason })),
  'call:busy': clientFrame('call:busy', Type.Object({ callId: CallIdInput, receiverId: Receiver })),
  'call:accepting': clientFrame('call:accepting', Type.Object({ callId: CallIdInput, receiverId: Receiver })),
  'call:media_state': clientFrame(
    'call:media_state',
    Type.Object({ callId: CallIdInput, receiverId: Receiver, audio: OnOff, video: VideoState }),
  ),
  'call:report': clientFrame(
    'call:report',
    Type.Object({
      callId: CallIdInput,
      receiverId: Receiver,
      state: ReportState,
      path: Type.Optional(CandidateKind),
      gathered: Type.Optional(Type.Array(CandidateKind, { maxItems: 4 })),
      iceErrors: Type.Optional(Type.Array(Type.Integer({ minimum: 300, maximum: 799 }), { maxItems: 8 })),
    }),
  ),
  'call:quality': clientFrame(
    'call:quality',
    Type.Object({ callId: CallIdInput, receiverId: Receiver, metrics: QualityMetrics }),
  ),
  'presence:subscribe': clientFrame('presence:subscribe', Type.Object({})),
  'presence:unsubscribe': clientFrame('presence:unsubscribe', Type.Object({})),
} as const;

/** The types of an extended session; a plain one that sends them is told so. */
export const EXTENDED_CLIENT_TYPES = [
  'hello',
  'ack',
  'call:accepting',
  'call:media_state',
  'call:report',
  'call:quality',
  'presence:subscribe',
  'presence:unsubscribe',
] as const satisfies readonly (keyof typeof CLIENT_MESSAGES)[];

/** The type word of a frame from a client. */
export type ClientMessageType = keyof typeof CLIENT_MESSAGES;

/** A checked frame's `receiverId` is always the canonical string. */
type Canonical<D> = D extends { receiverId: string | number }
  ? Omit<D, 'receiverId'> & { receiverId: string }
  : D extends { receiverId?: string | number }
    ? Omit<D, 'receiverId'> & { receiverId?: string }
    : D;
type Decoded<M> = M extends { data: infer D } ? Omit<M, 'data'> & { data: Canonical<D> } : M;

/** A checked frame from a client: the union on `type`. */
export type ClientMessage = {
  [T in ClientMessageType]: Decoded<Static<(typeof CLIENT_MESSAGES)[T]>>;
}[ClientMessageType];
/** The checked frame of one type. */
export type ClientMessageOf<T extends ClientMessageType> = Extract<ClientMessage, { type: T }>;

// ------------------------------------------------------------------------------------------------- service to client

const serverFrame = <T extends string, D extends Type.TSchema>(type: T, data: D) =>
  Type.Object({ type: Type.Literal(type), data, id: Type.Optional(Type.String()), seq: Type.Optional(Type.Integer()) });
const signed = { callId: Type.String(), senderId: UserIdText };

/** A live call as its user's other devices may know it: no SDP (HE-1). */
export const LiveCallSummary = Type.Object({
  callId: Type.String(),
  direction: Type.Union([Type.Literal('outgoing'), Type.Literal('incoming')]),
  peer: SenderInfo,
  callType: CallType,
  phase: Type.Union([Type.Literal('ringing'), Type.Literal('active')]),
  startedAt: Timestamp,
  answeredAt: Type.Union([Timestamp, Type.Null()]),
  here: Type.Boolean({ description: 'bound to this endpoint' }),
});
/** A live call as its user's other devices may know it. */
export type LiveCallSummary = Static<typeof LiveCallSummary>;

/** What the service may send to a plain session, by type: the contract, and what the client asked for by an `id`. */
export const PLAIN_SERVER_MESSAGES = {
  'call:offer': serverFrame(
    'call:offer',
    Type.Object({
      ...signed,
      senderInfo: SenderInfo,
      offer: OfferDescription,
      conversationId: Type.Optional(Type.String()),
      callType: CallType,
      timestamp: Timestamp,
      ttlMs: Type.Optional(Type.Integer({ description: 'ms left to ring when the frame was written' })),
      replayed: Type.Optional(Type.Literal(true, { description: 'the ring began before this session' })),
      renegotiation: Type.Optional(Type.Literal(true, { description: 'of a call that is already answered (RN-1)' })),
      negotiationId: Type.Optional(Type.Integer()),
      polite: Type.Optional(Type.Boolean({ description: 'whether the receiver yields when offers collide (RN-1)' })),
      takeover: Type.Optional(
        Type.Literal(true, { description: 'the sender begins anew, on another device or after a reload (GL-2)' }),
      ),
    }),
  ),
  'call:answer': serverFrame(
    'call:answer',
    Type.Object({
      ...signed,
      responderInfo: SenderInfo,
      answer: AnswerDescription,
      timestamp: Timestamp,
      negotiationId: Type.Optional(Type.Integer()),
    }),
  ),
  'call:ice_candidate': serverFrame(
    'call:ice_candidate',
    Type.Object({ ...signed, candidate: Candidate, timestamp: Timestamp }),
  ),
  'call:hang_up': serverFrame(
    'call:hang_up',
    Type.Object({ ...signed, reason: Type.Optional(Type.String()), timestamp: Timestamp }),
  ),
  'call:reject': serverFrame(
    'call:reject',
    Type.Object({ ...signed, reason: Type.Optional(Type.String()), timestamp: Timestamp }),
  ),
  'call:busy': serverFrame('call:busy', Type.Object({ ...signed, message: Type.String(), timestamp: Timestamp })),
  'call:not_available': serverFrame(
    'call:not_available',
    Type.Object({ callId: Type.Optional(Type.String()), message: Type.String(), receiverId: UserIdText }),
  ),
  'call:timeout': serverFrame(
    'call:timeout',
    Type.Object({
      ...signed,
      receiverId: UserIdText,
      stage: Type.Union([Type.Literal('ring'), Type.Literal('connect')]),
      message: Type.String(),
      timestamp: Timestamp,
    }),
  ),
  ack: serverFrame(
    'ack',
    Type.Object({ callId: Type.Optional(Type.String()), negotiationId: Type.Optional(Type.Integer()) }),
  ),
  error: serverFrame(
    'error',
    Type.Object({
      message: Type.String(),
      code: Type.Integer(),
      reason: Type.Optional(Type.String()),
      callId: Type.Optional(Type.String()),
      retryAfterMs: Type.Optional(Type.Integer()),
      supported: Type.Optional(Type.Array(Type.Integer(), { description: 'of unsupported_version' })),
    }),
  ),
} as const;

/** What the service may send to any session, by type. */
export const SERVER_MESSAGES = {
  ...PLAIN_SERVER_MESSAGES,
  'call:ice_candidate': serverFrame(
    'call:ice_candidate',
    Type.Object({
      ...signed,
      candidate: Type.Optional(CandidateOrEnd),
      candidates: Type.Optional(Type.Array(CandidateOrEnd, { description: 'extended sessions only' })),
      timestamp: Timestamp,
    }),
  ),
  hello: serverFrame(
    'hello',
    Type.Object({
      sessionId: Type.String(),
      resumed: Type.Boolean(),
      lastSeq: Type.Integer({ description: 'the position to resume after until a frame with `seq` has come' }),
      resumeToken: Type.String(),
      user: SenderInfo,
      calls: Type.Array(LiveCallSummary),
      limits: Type.Record(Type.String(), Type.Integer()),
      serverTime: Timestamp,
    }),
  ),
  pong: serverFrame('pong', Type.Object({})),
  'call:ringing': serverFrame(
    'call:ringing',
    Type.Object({ callId: Type.String(), devices: Type.Integer({ description: 'devices that ring now' }) }),
  ),
  'call:accepting_elsewhere': serverFrame(
    'call:accepting_elsewhere',
    Type.Object({ callId: Type.String(), holdMs: Type.Integer() }),
  ),
  'call:peer_state': serverFrame(
    'call:peer_state',
    Type.Object({
      callId: Type.String(),
      state: Type.Union([Type.Literal('reconnecting'), Type.Literal('connected')]),
    }),
  ),
  'call:media_state': serverFrame(
    'call:media_state',
    Type.Object({ ...signed, audio: OnOff, video: VideoState, timestamp: Timestamp }),
  ),
  presence: serverFrame(
    'presence',
    Type.Object({
      users: Type.Array(
        Type.Object({ userId: UserIdText, state: Type.Union([Type.Literal('online'), Type.Literal('offline')]) }),
      ),
    }),
  ),
} as const;

/** The type word of a frame to a plain session. */
export type PlainServerMessageType = keyof typeof PLAIN_SERVER_MESSAGES;
/** A frame to a plain session: the union on `type`. */
export type PlainServerMessage = {
  [T in PlainServerMessageType]: Static<(typeof PLAIN_SERVER_MESSAGES)[T]>;
}[PlainServerMessageType];

/** The type word of a frame from the service. */
export type ServerMessageType = keyof typeof SERVER_MESSAGES;
/** A frame from the service: the union on `type`. */
export type ServerMessage = { [T in ServerMessageType]: Static<(typeof SERVER_MESSAGES)[T]> }[ServerMessageType];
/** The frame of one type. */
export type ServerMessageOf<T extends ServerMessageType> = Extract<ServerMessage, { type: T }>;
