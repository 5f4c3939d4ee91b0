/** Where a rule stands: a section of the contract, or a paragraph of the protocol with its line and first sentence. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A rule as a reader finds it. */
export interface Source {
  readonly rule: string;
  /** A section of the contract, or `file:line` in this repository. */
  readonly place: string;
  /** The beginning of the rule, when it could be read. */
  readonly text?: string;
}

/** The sections of the contract, "Interface of the WebRTC video call service". */
const CONTRACT: Readonly<Record<string, string>> = {
  '§2.1': 'STUN/TURN servers, GET /api/rtc/ice-servers',
  '§3': 'types of WebSocket events',
  '§4.1': 'call:offer',
  '§4.2': 'call:answer',
  '§4.3': 'call:ice_candidate',
  '§4.4': 'call:hang_up',
  '§4.5': 'call:reject',
  '§4.6': 'call:not_available',
  '§4.7': 'call:busy',
  '§5.1': 'checks: the user is authenticated',
  '§5.2': 'checks: the receiver exists, and the caller may contact it',
  '§5.3': 'checks: the receiver is online, the call id is valid',
  '§6': 'errors',
  '§7.1': 'use: beginning a call',
  '§7.2': 'use: receiving a call',
  '§7.3': 'use: exchanging candidates',
  '§7.4': 'use: ending a call',
  '§8.1': 'notes: every message is JSON',
  '§8.4': 'notes: the server only passes signalling on',
};

/** Whether a rule is a section of the contract. */
export const isContract = (rule: string): boolean => Object.hasOwn(CONTRACT, rule);

const PROTOCOL = 'packages/protocol/PROTOCOL.md';
const TEXT_CHARS = 160;
let lines: readonly string[] | undefined;

/** Finds a rule. */
export function sourceOf(rule: string): Source {
  const section = CONTRACT[rule];
  if (section !== undefined) return { rule, place: `the contract, section ${rule.slice(1)}`, text: section };
  lines ??= readProtocol();
  const isId = /^[A-Z]{2}-\d$/.test(rule);
  const at = isId ? lines.findIndex((line) => line.includes(`**${rule}**`)) : lines.indexOf(`## ${rule}`);
  if (at < 0) return { rule, place: PROTOCOL };
  const end = lines.findIndex((line, n) => n > at && line.trim() === '');
  const paragraph = lines.slice(at, end < 0 ? at + 1 : end).join(' ');
  const text = isId ? beginning(paragraph.slice(paragraph.indexOf(`**${rule}**`) + rule.length + 4).trim()) : undefined;
  return { rule, place: `${PROTOCOL}:${at + 1}`, ...(text && { text }) };
}

function beginning(text: string): string {
  const sentence = text.split(/(?<=[.:])\s/)[0] as string;
  return sentence.length > TEXT_CHARS ? `${sentence.slice(0, TEXT_CHARS)}…` : sentence;
}

function readProtocol(): readonly string[] {
  try {
    return readFileSync(join(import.meta.dirname, '..', '..', PROTOCOL), 'utf8').split('\n');
  } catch {
    return [];
  }
}
