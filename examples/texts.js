/** What the examples say of the state of a call and of its end. */

/** @type {Partial<Record<import('@ringdown/client').EndReason, string>>} */
const ENDS = {
  rejected: 'Declined.',
  busy: 'Busy.',
  not_available: 'Cannot be reached.',
  no_answer: 'No answer.',
  answered_elsewhere: 'Answered on another device of yours.',
  rejected_elsewhere: 'Declined on another device of yours.',
  taken_over: 'The call goes on, on another device of yours.',
  connection_lost: 'The connection was lost.',
  media_error: 'A microphone or camera could not be used.',
  failed: 'The call did not come about.',
};

/**
 * What to tell the person of the end of a call; empty when they know.
 * @param {import('@ringdown/client').CallEnd} end
 */
export function textOf({ reason, by, message }) {
  if (by === 'me' && reason === 'rejected') return '';
  return message ?? ENDS[reason] ?? '';
}
