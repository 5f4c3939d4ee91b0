/** Every cell of role × phase × event that can be reached, so that a run can be asked whether it reached them. */

import { FAULTS } from './faults.ts';
import type { Counts } from './tally.ts';

const CLIENT_EVENTS = [
  'answer',
  'reject',
  'busy',
  'hangUp',
  'claim',
  'accepting',
  'renegotiate',
  'mediaState',
  'report',
  'quality',
  'candidate',
];
/** Who there is in a phase; an ended call knows only its two people. */
const ROLES = {
  ringing: ['caller', 'callerOther', 'callee', 'stranger'],
  active: ['caller', 'callerOther', 'callee', 'calleeOther', 'stranger'],
  ended: ['caller', 'callee', 'stranger'],
} as const;

/** The cells: which role says what in which phase, and what the service does to whom. */
export const CELLS: readonly string[] = (() => {
  const cells: string[] = [];
  for (const [phase, roles] of Object.entries(ROLES)) {
    for (const role of roles) {
      for (const event of CLIENT_EVENTS) cells.push(`${role} ${phase} ${event}`);
      if (role !== 'stranger') cells.push(`${role} ${phase} attached`, `${role} ${phase} detached`);
    }
    cells.push(`service ${phase} tick`);
  }
  // Decided by an admission, and so only where it can lead.
  for (const role of ROLES.active.slice(0, 4)) cells.push(`${role} active takeover`);
  cells.push('callerOther ringing replaced', 'callerOther active replaced', 'calleeOther active replaced');
  cells.push('callerOther active answeredAnother', 'calleeOther active answeredAnother', 'service ringing dialledAway');
  cells.push('callee ringing rang', 'callee active rang', 'calleeOther active rang', 'callee ended rang');
  return cells;
})();

/** How often a standard run must reach each cell, and see each fault. */
export const ENOUGH = Object.freeze({ cell: 100, fault: 1_000 });

/** What a run has not reached often enough; nothing when all is well. @param share of the standard run that was played */
export function missing({ cells, faults }: Counts, share = 1): string[] {
  const lacking: string[] = [];
  for (const cell of CELLS) {
    if ((cells[cell] ?? 0) < ENOUGH.cell * share) lacking.push(`${cell}: ${cells[cell] ?? 0}`);
  }
  for (const fault of FAULTS) {
    if ((faults[fault] ?? 0) < ENOUGH.fault * share) lacking.push(`fault ${fault}: ${faults[fault] ?? 0}`);
  }
  return lacking;
}
