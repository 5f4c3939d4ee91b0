/** The frames a call sends, made from its state. One function a frame; texts in the receiver's language. */
import {
  type CallType,
  eventText,
  isoTime,
  type Language,
  type ServerMessage,
  type SessionDescription,
} from '@ringdown/protocol';
import type { Millis, UserId } from './ids.ts';
import type { CallState, MediaState, Party, Ringing } from './state.ts';

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

/**
 * The answer as the caller gets it.
 * @param negotiation the one inside a call that it answers (RN-1); then it may also come from the caller
 */
export function answerMessage(
  call: Named,
  answer: SessionDescription,
  at: Millis,
  negotiation?: { by: 'caller' | 'callee'; negotiationId: number },
): ServerMessage {
  const responder = call[negotiation?.by ?? 'callee'];
  return {
    type: 'call:answer',
    data: {
      callId: call.callId,
      senderId: responder.id,
      responderInfo: responder.info,
      answer: answer as SessionDescription & { type: 'answer' },
      timestamp: isoTime(at),
      ...(negotiation && { negotiationId: negotiation.negotiationId }),
    },
  };
}

/** An offer inside a call, as the peer gets it (RN-1). The callee is polite, and is told so. */
export function renegotiationMessage(
  call: Named,
  offered: {
    by: 'caller' | 'callee';
    offer: SessionDescription;
    callType: CallType;
    negotiationId: number;
    takeover: boolean;
  },
  at: Millis,
): ServerMessage {
  const { by, offer, callType, negotiationId, takeover } = offered;
  return {
    type: 'call:offer',
    data: {
      callId: call.callId,
      senderId: call[by].id,
      senderInfo: call[by].info,
      offer: offer as SessionDescription & { type: 'offer' },
      callType,
      timestamp: isoTime(at),
      renegotiation: true,
      negotiationId,
      polite: by === 'caller',
      ...(takeover && { takeover }),
    },
  };
}

/** How many devices ring, as an extended caller gets it (RI-1). */
export function ringingMessage(call: Named, devices: number): ServerMessage {
  return { type: 'call:ringing', data: { callId: call.callId, devices } };
}

/** Another device of the callee is about to answer, as its extended others get it (TI-2). */
export function acceptingElsewhereMessage(call: Named, holdMs: number): ServerMessage {
  return { type: 'call:accepting_elsewhere', data: { callId: call.callId, holdMs } };
}

/** The peer lost its socket or has one again, as an extended side gets it (DS-1). */
export function peerStateMessage(call: Named, state: 'reconnecting' | 'connected'): ServerMessage {
  return { type: 'call:peer_state', data: { callId: call.callId, state } };
}

/** What the peer sends, as an extended side gets it (MS-1). */
export function mediaStateMessage(call: Named, sender: UserId, media: MediaState, at: Millis): ServerMessage {
  return {
    type: 'call:media_state',
    data: { callId: call.callId, senderId: sender, audio: media.audio, video: media.video, timestamp: isoTime(at) },
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

/** The ring ran out (TI-1), or no media ever came (TI-3), as both sides get it. */
export function timeoutMessage(call: Named, stage: 'ring' | 'connect', language: Language, at: Millis): ServerMessage {
  return {
    type: 'call:timeout',
    data: {
      callId: call.callId,
      senderId: call.caller.id,
      receiverId: call.callee.id,
      stage,
      message: eventText(stage === 'ring' ? 'ring_timeout' : 'connect_timeout', language),
      timestamp: isoTime(at),
    },
  };
}
