/** Candidates that were kept: they follow what they belong to, go with a seat, and end with their negotiation. */
import type { Endpoint, LiveCall, Seat } from '@ringdown/call';
import type { Commit } from '@ringdown/server/core';
import { isHeir } from './seats.ts';
import type { Step } from './step.ts';
import { fail } from './violation.ts';

/** That no candidate is left behind, and none of an old negotiation counts against a new one (IC-1, IC-3, RN-1, DS-3). */
export function checkKept({ before, after, rung, answered }: Step, { effects }: Commit): void {
  const { callId } = after;
  if (before === undefined || before.phase === 'ended' || after.phase === 'ended') return;

  const has = (type: 'sendCandidates' | 'moveCandidates' | 'dropCandidates', from: Endpoint, to?: Endpoint): boolean =>
    effects.some(
      (effect) =>
        effect.type === type &&
        effect.callId === callId &&
        effect.from === from &&
        (effect.type === 'dropCandidates' || effect.to === to),
    );
  const given = (from: Endpoint, to: Endpoint): void => {
    if (!has('sendCandidates', from, to)) fail('IC-1', `${to} was not given what ${from} had sent in ${callId}`);
  };
  const dropped = (from: Endpoint): void => {
    if (!has('dropCandidates', from)) fail('IC-3', `candidates of ${from} stay in ${callId}, and are of no use`);
  };

  for (const joiner of rung) given(after.callerSeat.endpoint, joiner);
  if (after.phase === 'active') for (const caller of answered) given(after.calleeSeat.endpoint, caller);

  for (const [side, was] of seatsOf(before)) {
    const is = side === 'caller' ? after.callerSeat : after.phase === 'active' ? after.calleeSeat : undefined;
    if (!is || is.endpoint === was.endpoint) continue;
    if (!isHeir(was, is.endpoint)) dropped(was.endpoint);
    else if (!has('moveCandidates', was.endpoint, is.endpoint))
      fail('DS-3', `${is.endpoint} was not given the candidates of ${was.endpoint} in ${callId}`);
    else if (side === 'callee') given(after.callerSeat.endpoint, is.endpoint);
  }

  if (before.phase !== 'active' || after.phase !== 'active') return;
  const { negotiation } = after;
  if (negotiation && negotiation.id !== before.negotiation?.id)
    dropped((negotiation.by === 'caller' ? after.callerSeat : after.calleeSeat).endpoint);
  const isAnswered = effects.some(
    (effect) =>
      effect.type === 'send' &&
      effect.message.type === 'call:answer' &&
      effect.message.data.callId === callId &&
      effect.message.data.negotiationId !== undefined,
  );
  if (isAnswered) dropped((before.negotiation?.by === 'caller' ? after.calleeSeat : after.callerSeat).endpoint);
}

function seatsOf(call: LiveCall): ['caller' | 'callee', Seat][] {
  return call.phase === 'active'
    ? [
        ['caller', call.callerSeat],
        ['callee', call.calleeSeat],
      ]
    : [['caller', call.callerSeat]];
}
