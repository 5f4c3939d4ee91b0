/** The frames a call sends, made from its state. One function a frame; texts in the receiver's language. */
import { eventText, isoTime, type Language, type ServerMessage, type SessionDescription } from '@ringdown/protocol';
import type { CallState, Millis, Party, Ringing, UserId } from './state.ts';

type Offered = Pick<Ringing, 'callId' | 'caller' | 'offer' | 'callType' | 'conversationId'>;
type Named = Pick<CallState, 'callId' | 'caller' | 'callee'>;

/** The offer as the callee's devices get it; `replayed` to a device that joins a ring already going (RI-2). */
export function offerMessage(call: Offered, at: Millis, replayed: boolean): ServerMessage {
  return {
    type: 'call:offer',
    data: {
      callId: call.callId,
      senderId: call.caller.id,
      senderInfo: call.caller.info,
      offer: call.offer as SessionDescription & { type: 'offer' },
      ...(call.conversationId !== undefined && { conversationId: call.conversationId }),
      callType: call.callType,
      timestamp: isoTime(at),
      ...(replayed && { replayed }),
    },
  };
}

/** The answer as the caller gets it. */
export function answerMessage(call: Named, answer: SessionDescription, at: Millis): ServerMessage {
  return {
    type: 'call:answer',
    data: {
      callId: call.callId,
      senderId: call.callee.id,
      responderInfo: call.callee.info,
      answer: answer as SessionDescription & { type: 'answer' },
      timestamp: isoTime(at),
    },
  };
}

/** The end, by a person or by the service. @param by whose doing it is; the service speaks for the one it concerns */
export function hangUpMessage(call: Named, by: UserId, reason: string | undefined, at: Millis): ServerMessage {
  return {
    type: 'call:hang_up',
    data: { callId: call.callId, senderId: by, ...(reason !== undefined && { reason }), timestamp: isoTime(at) },
  };
}

/** The callee's no, as the caller gets it. */
export function rejectMessage(call: Named, reason: string | undefined, at: Millis): ServerMessage {
  return {
    type: 'call:reject',
    data: {
      callId: call.callId,
      senderId: call.callee.id,
      ...(reason !== undefined && { reason }),
      timestamp: isoTime(at),
    },
  };
}

/** The callee is in another call, as the caller gets it. */
export function busyMessage(call: Named, language: Language, at: Millis): ServerMessage {
  return {
    type: 'call:busy',
    data: {
      callId: call.callId,
      senderId: call.callee.id,
      message: eventText('busy', language),
      timestamp: isoTime(at),
    },
  };
}

/** Nobody can be rung: offline, hidden and blocked look the same (BL-1). */
export function notAvailableMessage(call: { callId: string; callee: Party }, language: Language): ServerMessage {
  return {
    type: 'call:not_available',
    data: { callId: call.callId, message: eventText('not_available', language), receiverId: call.callee.id },
  };
}

/** The ring ran out, as both sides get it (TI-1). */
export function timeoutMessage(call: Named, language: Language, at: Millis): ServerMessage {
  return {
    type: 'call:timeout',
    data: {
      callId: call.callId,
      senderId: call.caller.id,
      receiverId: call.callee.id,
      stage: 'ring',
      message: eventText('ring_timeout', language),
      timestamp: isoTime(at),
    },
  };
}
