/** Ways a server may break the contract or the protocol, and the scenarios that must see each: these and no other. */
import type { Frame } from '../frame.ts';
import type { Group } from '../scenarios/all.ts';
import type { Breakage, Through, World } from './breaking-proxy.ts';

/** A planted fault. */
interface Fault {
  /** What the server does wrong, as the end of "a server that …". */
  readonly name: string;
  /** The rule it breaks. Every scenario that fails names it, or one of `also`. */
  readonly rule: string;
  readonly also?: readonly string[];
  /** The scenarios that fail, and what each says it expected. */
  readonly seenBy: Readonly<Record<string, RegExp>>;
  readonly breakage: Breakage;
}

/** A frame with other data. */
const withData = ({ type, id, seq, data }: Frame, change: object): object => ({
  ...(seq !== undefined && { seq }),
  type,
  ...(id !== undefined && { id }),
  data: { ...data, ...change },
});

const swallow = (isIt: (frame: Frame) => boolean): Breakage => ({
  heard: (frame) => (isIt(frame) ? undefined : frame),
});

const SIGNED = ['call:offer', 'call:answer', 'call:ice_candidate', 'call:hang_up'];

/** Remembers the `senderId` that a client forged, until the frame comes out at the other end. */
const forgery: Breakage = {
  said(frame, { user }, { notes }) {
    const { senderId } = frame.data;
    if (user && SIGNED.includes(frame.type) && senderId !== undefined) notes.set(frame.type, senderId);
    return frame;
  },
  heard(frame, _, { notes }) {
    const senderId = notes.get(frame.type);
    if (senderId === undefined) return frame;
    notes.delete(frame.type);
    return withData(frame, { senderId });
  },
};

/** Passes a ringing callee's candidates on at once. */
const haste: Breakage = {
  said(frame, through, world) {
    const callId = String(frame.data['callId']);
    const isEarly =
      frame.type === 'call:ice_candidate' && !world.answered.has(callId) && isCallee(through, callId, world);
    if (!isEarly) return frame;
    const { candidate } = frame.data;
    const data = { callId, senderId: through.user, candidate, timestamp: new Date().toISOString() };
    world.callers.get(callId)?.toClient({ type: 'call:ice_candidate', data });
    if (frame.id !== undefined) through.toClient({ type: 'ack', id: frame.id, data: { callId } });
    return undefined;
  },
};

/** Whoever names a call may end it. */
const trust: Breakage = {
  said(frame, through, world) {
    const callId = String(frame.data['callId']);
    const caller = world.callers.get(callId);
    if (frame.type !== 'call:hang_up' || !caller) return frame;
    if (through.user === caller.user || isCallee(through, callId, world)) return frame;
    caller.toServer({ type: 'call:hang_up', data: { callId } });
    return undefined;
  },
};

function isCallee({ user }: Through, callId: string, { callees }: World): boolean {
  return user !== undefined && callees.get(callId) === user;
}

/** Passes a second answer on. */
const twoAnswers: Breakage = {
  said(frame, through, world) {
    const callId = String(frame.data['callId']);
    const again =
      frame.type === 'call:answer' && world.answered.has(callId) && frame.data['negotiationId'] === undefined;
    if (!again || !isCallee(through, callId, world)) return frame;
    const { answer } = frame.data;
    const responderInfo = { id: Number(through.user), username: 'x', avatar: '' };
    const data = { callId, senderId: through.user, responderInfo, answer, timestamp: new Date().toISOString() };
    world.callers.get(callId)?.toClient({ type: 'call:answer', data });
    return undefined;
  },
};

/** A resumed session gets its first missed frame twice. */
const twice: Breakage = {
  heard(frame, through, { notes }) {
    if (frame.type === 'hello' && frame.data['resumed'] === true) notes.set('resumed', through);
    else if (notes.get('resumed') === through && frame.seq !== undefined) {
      notes.delete('resumed');
      through.toClient(withData(frame, {}));
    }
    return frame;
  },
};

/** Offers that wait for what should follow them, by where they go. */
const waiting = new WeakMap<Through, Frame>();

/** A device that comes late hears of the candidates first. */
const overtaking: Breakage = {
  heard(frame, through) {
    if (frame.type === 'call:offer' && frame.data['replayed'] === true) {
      waiting.set(through, frame);
      return undefined;
    }
    const late = waiting.get(through);
    if (!late || frame.type !== 'call:ice_candidate') return frame;
    waiting.delete(through);
    through.toClient(withData(frame, {}));
    return late;
  },
};

/** Faults that do not get in each other's way, planted in one server; and which scenarios are played against it. */
export interface FaultyServer {
  readonly only: Group;
  readonly faults: readonly Fault[];
}

/** The broken servers. */
export const FAULTY_SERVERS: readonly [FaultyServer, FaultyServer, FaultyServer] = [
  {
    only: 'plain',
    faults: [
      {
        name: 'believes the senderId of a client',
        rule: 'OF-2',
        seenBy: {
          'offer-sender-cannot-be-forged': /senderId of the offer/,
          'answer-sender-cannot-be-forged': /senderId of the answer/,
          'candidate-sender-cannot-be-forged': /`senderId` of call:ice_candidate/,
          'hang-up-sender-cannot-be-forged': /`senderId` of call:hang_up/,
        },
        breakage: forgery,
      },
      {
        name: 'does not tell the other devices that one answered',
        rule: 'AN-1',
        seenBy: { 'answer-first-wins': /other device to hear that it was answered elsewhere/ },
        breakage: swallow(({ type, data }) => type === 'call:hang_up' && data['reason'] === 'answered_elsewhere'),
      },
      {
        name: 'answers an unknown receiver with another code',
        rule: 'OF-1',
        also: ['Transport'],
        seenBy: {
          'receiver-unknown': /error with code 404/,
          'error-carries-the-id': /error with code 404 and reason receiver_not_found/,
        },
        breakage: {
          heard: (frame) => (frame.data['reason'] === 'receiver_not_found' ? withData(frame, { code: 400 }) : frame),
        },
      },
      {
        name: 'loses the reason of a hang-up',
        rule: '§4.4',
        seenBy: { 'hang-up-reason': /`reason` of call:hang_up to be "the battery is empty"/ },
        breakage: {
          heard: (frame) =>
            frame.type === 'call:hang_up' && frame.data['reason'] === 'the battery is empty'
              ? withData(frame, { reason: undefined })
              : frame,
        },
      },
      {
        name: 'gives its ICE servers to anybody',
        rule: '§2.1',
        seenBy: { 'ice-servers-need-a-token': /HTTP 401/ },
        breakage: {
          restOfNobody: (path) =>
            path === '/api/rtc/ice-servers' ? { success: true, data: { iceServers: [] } } : undefined,
        },
      },
      {
        name: 'takes every call for a video call',
        rule: '§4.1',
        seenBy: { 'offer-audio': /`callType` of call:offer to be "audio"/ },
        breakage: {
          heard: (frame) => (frame.type === 'call:offer' ? withData(frame, { callType: 'video' }) : frame),
        },
      },
      {
        name: 'passes a ringing callee’s candidates on before its answer',
        rule: 'IC-1',
        also: ['AN-3'],
        seenBy: {
          'candidates-of-a-ringing-callee': /what the caller hears, in order/,
          'candidates-of-the-loser': /candidates the caller gets/,
          'caller-is-told-nothing-early': /before the answer/,
        },
        breakage: haste,
      },
      {
        name: 'lets a candidate overtake its offer',
        rule: 'IC-2',
        seenBy: {
          'candidates-for-a-late-device': /what the late device hears/,
        },
        breakage: overtaking,
      },
    ],
  },
  {
    only: 'plain',
    faults: [
      {
        name: 'never says busy',
        rule: 'BU-1',
        also: ['RJ-2', 'GL-1', '§4.7'],
        seenBy: {
          'busy-arrives': /caller to receive call:busy/,
          'busy-is-the-strongest-word': /caller to hear busy/,
          'busy-in-a-call': /another caller to hear call:busy/,
          'busy-while-ringing': /another caller to hear call:busy/,
          'busy-at-the-same-instant': /does not ring to hear call:busy/,
          'dialling-while-rung': /first caller to hear call:busy/,
          glare: /crossing offers to hear call:busy/,
          'glare-at-the-same-instant': /what the two hear/,
        },
        breakage: swallow(({ type }) => type === 'call:busy'),
      },
      {
        name: 'lets a third end a call',
        rule: 'HU-2',
        seenBy: {
          'hang-up-of-a-third': /what the two in the call hear/,
          'foreign-calls-look-unknown': /error for a stranger’s call:hang_up/,
        },
        breakage: trust,
      },
      {
        name: 'acknowledges no offer',
        rule: 'OF-3',
        also: ['OF-1', 'OF-4'],
        seenBy: {
          'offer-acknowledged': /an answer to its call:offer with an id/,
          'offer-repeated': /an answer to its call:offer with an id/,
          'receiver-offline-acknowledged': /order of the answers/,
        },
        breakage: {
          said(frame, _, { notes }) {
            if (frame.type === 'call:offer' && !frame.data['callId']) notes.set(`offer ${String(frame.id)}`, true);
            return frame;
          },
          heard: (frame, _, { notes }) =>
            frame.type === 'ack' && notes.has(`offer ${String(frame.id)}`) ? undefined : frame,
        },
      },
      {
        name: 'lets two devices answer',
        rule: 'AN-1',
        seenBy: {
          'answer-later-is-refused': /what the caller hears besides the first answer/,
          'answer-at-the-same-instant': /what the caller hears/,
        },
        breakage: twoAnswers,
      },
    ],
  },
  {
    only: 'extended',
    faults: [
      {
        name: 'sends a missed frame twice to a session that resumes',
        rule: 'HE-2',
        seenBy: { 'resume-exactly': /the candidates, in order/ },
        breakage: twice,
      },
      {
        name: 'says that every session is resumed',
        rule: 'HE-2',
        also: ['HE-1', 'DS-3'],
        seenBy: {
          hello: /`resumed` to be false/,
          'resume-token-once': /`resumed` of the second use to be false/,
          'resume-token-is-personal': /`resumed` for another device to be false/,
          'resume-refused-tells-all': /`resumed` to be false/,
          'device-stays-bound': /`resumed` to be false/,
        },
        breakage: { heard: (frame) => (frame.type === 'hello' ? withData(frame, { resumed: true }) : frame) },
      },
      {
        name: 'gives two frames the same position',
        rule: 'HE-2',
        seenBy: { 'positions-rise': /positions that rise/ },
        breakage: {
          heard: (frame) =>
            frame.type === 'call:hang_up' && typeof frame.seq === 'number'
              ? { ...withData(frame, {}), seq: frame.seq - 1 }
              : frame,
        },
      },
      {
        name: 'numbers the frames of a plain session, too',
        rule: 'Transport',
        seenBy: { 'extended-and-plain': /positions \(seq\)/ },
        breakage: {
          heard: (frame, { extended }) =>
            !extended && frame.type.startsWith('call:') ? { ...withData(frame, {}), seq: 1 } : frame,
        },
      },
    ],
  },
];
