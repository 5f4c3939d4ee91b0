/**
 * Every body of the REST door: schemas, and the types inferred from them. Success is `{success:true, data}`, failure
 * `{success:false, error}`; times are ISO 8601 UTC with milliseconds; user ids are strings.
 */
import Type, { type Static } from 'typebox';
import { UserIdInput, UserIdText } from './ids.ts';
import { CallType, LiveCallSummary, QualityMetrics } from './messages.ts';

const Time = Type.String({ description: 'ISO 8601 UTC with milliseconds' });
const NullableTime = Type.Union([Time, Type.Null()]);

/** Letters and digits of any script, `.`, `_` and `-` inside; 2 to 32 characters. Compared without regard to case. */
export const USERNAME_PATTERN = '^[\\p{L}\\p{N}](?:[\\p{L}\\p{N}._-]{0,30})[\\p{L}\\p{N}]$';
const Username = Type.String({ minLength: 2, maxLength: 32, pattern: new RegExp(USERNAME_PATTERN, 'u') });
const Password = Type.String({ minLength: 8, maxLength: 256 });
/** A picture this service serves itself, so that showing it contacts nobody else (T30); empty for none. */
const Avatar = Type.String({ pattern: '^(/avatars/[a-z0-9]{1,32}\\.svg)?$' });
const RefreshToken = Type.String({ minLength: 1, maxLength: 512 });

// ------------------------------------------------------------------------------------------------------------- bodies

/** Request bodies by the operation's name. Unknown keys are dropped. */
export const REST_BODIES = {
  register: Type.Object({ username: Username, password: Password }),
  login: Type.Object({
    username: Type.String({ minLength: 1, maxLength: 64 }),
    password: Type.String({ minLength: 1, maxLength: 256 }),
  }),
  refresh: Type.Object({ refreshToken: RefreshToken }),
  logout: Type.Object({ everywhere: Type.Optional(Type.Boolean({ description: 'end all sessions, not only this' })) }),
  updateMe: Type.Object({
    username: Type.Optional(Username),
    avatar: Type.Optional(Avatar),
    doNotDisturb: Type.Optional(Type.Boolean()),
    hideBusy: Type.Optional(Type.Boolean()),
    hideAddress: Type.Optional(Type.Boolean()),
  }),
  changePassword: Type.Object({
    currentPassword: Type.String({ minLength: 1, maxLength: 256 }),
    newPassword: Password,
  }),
  befriend: Type.Object({ userId: UserIdInput }),
  rejectCall: Type.Object({ reason: Type.Optional(Type.String({ maxLength: 128 })) }),
  createGroup: Type.Object({ name: Type.String({ minLength: 1, maxLength: 64, pattern: '\\S' }) }),
} as const;
/** The request body of an operation. */
export type RestBody<T extends keyof typeof REST_BODIES> = Static<(typeof REST_BODIES)[T]>;

// --------------------------------------------------------------------------------------------------------------- data

/** A person as others see them. */
export const PublicUser = Type.Object({ id: UserIdText, username: Type.String(), avatar: Type.String() });
/** A person as others see them. */
export type PublicUser = Static<typeof PublicUser>;

/** A person as they see themselves. */
export const OwnUser = Type.Object({
  ...PublicUser.properties,
  doNotDisturb: Type.Boolean(),
  hideBusy: Type.Boolean(),
  hideAddress: Type.Boolean(),
  createdAt: Time,
});
/** A person as they see themselves. */
export type OwnUser = Static<typeof OwnUser>;

/** A group and who is in it. */
export const Group = Type.Object({
  id: Type.String({ description: '`g_…`' }),
  name: Type.String(),
  ownerId: UserIdText,
  /** `member` once accepted, `invited` before. */
  membership: Type.Union([Type.Literal('member'), Type.Literal('invited')]),
  members: Type.Array(
    Type.Object({
      ...PublicUser.properties,
      membership: Type.Union([Type.Literal('member'), Type.Literal('invited')]),
    }),
  ),
});
/** A group and who is in it. */
export type Group = Static<typeof Group>;

/** How a call ended (HI-1). */
export const CALL_OUTCOMES = [
  'completed',
  'cancelled',
  'no_answer',
  'rejected',
  'busy',
  'unavailable',
  'failed',
  'connection_lost',
  'replaced',
] as const;
/** How a call ended. */
export type CallOutcome = (typeof CALL_OUTCOMES)[number];

/** One line of a person's history, as that side was told (HI-1). */
export const CallSummary = Type.Object({
  callId: Type.String(),
  direction: Type.Union([Type.Literal('outgoing'), Type.Literal('incoming')]),
  peer: PublicUser,
  callType: CallType,
  conversationId: Type.Union([Type.String(), Type.Null()]),
  outcome: Type.Enum([...CALL_OUTCOMES]),
  missed: Type.Boolean({ description: 'incoming, never answered, not rejected by this person' }),
  endedBy: Type.Union([Type.Literal('me'), Type.Literal('peer'), Type.Literal('service')]),
  reason: Type.Union([Type.String(), Type.Null()]),
  startedAt: Time,
  ringingAt: NullableTime,
  answeredAt: NullableTime,
  endedAt: Time,
  talkMs: Type.Integer({ description: 'answered to ended, ms; 0 when never answered' }),
  quality: Type.Union([QualityMetrics, Type.Null()], { description: 'as this side reported it' }),
  connectedAt: NullableTime,
  diagnosis: Type.Union([Type.Object({ code: Type.String(), message: Type.String() }), Type.Null()], {
    description: 'why it did not work, in plain language, as far as this side may know',
  }),
});
/** One line of a person's history. */
export type CallSummary = Static<typeof CallSummary>;

/** One step of a call, as this side may know it: who, when, what (HI-2). */
export const TimelineStep = Type.Object({
  at: Time,
  who: Type.Union([Type.Literal('me'), Type.Literal('peer'), Type.Literal('service')]),
  what: Type.String(),
  detail: Type.Optional(Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()]))),
});
/** One step of a call. */
export type TimelineStep = Static<typeof TimelineStep>;

/** One entry of `iceServers`, `RTCIceServer` of the W3C. */
const IceServer = Type.Object({
  urls: Type.Union([Type.String(), Type.Array(Type.String())]),
  username: Type.Optional(Type.String()),
  credential: Type.Optional(Type.String()),
});
/** One STUN or TURN server as a browser takes it. */
export type IceServer = Static<typeof IceServer>;

/** `data` of a successful answer, by the operation's name. */
export const REST_DATA = {
  session: Type.Object({
    user: PublicUser,
    token: Type.String(),
    expiresAt: Time,
    refreshToken: Type.String(),
    refreshExpiresAt: Time,
  }),
  nothing: Type.Object({}),
  me: Type.Object({ user: OwnUser }),
  user: Type.Object({ user: PublicUser }),
  friends: Type.Object({
    friends: Type.Array(PublicUser),
    incoming: Type.Array(PublicUser, { description: 'they asked me' }),
    outgoing: Type.Array(PublicUser, { description: 'I asked them' }),
  }),
  friendship: Type.Object({
    user: PublicUser,
    status: Type.Union([Type.Literal('requested'), Type.Literal('friends')]),
  }),
  blocks: Type.Object({ blocked: Type.Array(PublicUser) }),
  group: Type.Object({ group: Group }),
  groups: Type.Object({ groups: Type.Array(Group) }),
  iceServers: Type.Object({
    iceServers: Type.Array(IceServer),
    ttl: Type.Integer({ description: 'seconds the credentials stay good' }),
    expiresAt: Time,
  }),
  calls: Type.Object({
    calls: Type.Array(CallSummary),
    nextCursor: Type.Union([Type.String(), Type.Null()]),
  }),
  call: Type.Object({ call: CallSummary }),
  activeCalls: Type.Object({ calls: Type.Array(LiveCallSummary) }),
  timeline: Type.Object({ callId: Type.String(), steps: Type.Array(TimelineStep) }),
} as const;
/** `data` of a successful answer. */
export type RestData<T extends keyof typeof REST_DATA> = Static<(typeof REST_DATA)[T]>;

/** A failed answer. */
export const RestFailure = Type.Object({
  success: Type.Literal(false),
  error: Type.Object({
    message: Type.String(),
    code: Type.Integer(),
    reason: Type.String(),
    retryAfterMs: Type.Optional(Type.Integer()),
    correlationId: Type.Optional(Type.String()),
  }),
});
/** A failed answer. */
export type RestFailure = Static<typeof RestFailure>;
