/** Who takes part in a search: a few people and their devices, in several mixtures. */
import type { UserId } from '@ringdown/call';
import type { Capability } from '@ringdown/protocol';

/** A person's device, or a plain page of theirs. */
interface DeviceSetup {
  readonly user: UserId;
  readonly name: string;
  readonly plain: boolean;
}

/** A mixture of devices, and the policy they call under. */
export interface Setup {
  readonly name: string;
  readonly devices: readonly DeviceSetup[];
  readonly busyPolicy: 'busy' | 'waiting';
  /** Every frame arrives and is confirmed at once, and nothing happens between the steps of anything else. */
  readonly isMailPrompt: boolean;
  /** Whose sockets are lost since a page went away and said so (DS-1); those of the others are lost without a word. */
  readonly leaves: 'nobody' | 'plain' | 'all';
}

/** What an extended client can do. */
export const CAN: readonly Capability[] = ['renegotiate', 'media_state'];

const PEOPLE: Readonly<Record<UserId, string>> = { '1': 'Anna', '2': 'Ben', '3': 'Cleo' };

/** What a person is called in a story. */
export function nameOf(user: UserId): string {
  return PEOPLE[user] ?? user;
}

const phone = (user: UserId): DeviceSetup => ({ user, name: 'phone', plain: false });
const laptop = (user: UserId): DeviceSetup => ({ user, name: 'laptop', plain: false });
const page = (user: UserId): DeviceSetup => ({ user, name: 'page', plain: true });
const tab = (user: UserId): DeviceSetup => ({ user, name: 'tab', plain: true });

const extended = [phone('1'), laptop('1'), phone('2'), laptop('2')];
const plain = [page('1'), tab('1'), page('2'), tab('2')];
const mixed = [phone('1'), page('1'), phone('2'), page('2')];
const three = [phone('1'), phone('2'), page('2'), phone('3')];

/**
 * The mixtures by name. In `waiting` a third person calls in while two talk (BU-1). Where mail is prompt, every frame
 * arrives at once and one thing happens at a time: that leads much further in the same time.
 */
export const SETUPS = {
  'extended-prompt': { devices: extended, busyPolicy: 'busy', isMailPrompt: true, leaves: 'all' },
  'plain-prompt': { devices: plain, busyPolicy: 'busy', isMailPrompt: true, leaves: 'nobody' },
  'mixed-prompt': { devices: mixed, busyPolicy: 'busy', isMailPrompt: true, leaves: 'plain' },
  'waiting-prompt': { devices: three, busyPolicy: 'waiting', isMailPrompt: true, leaves: 'nobody' },
  extended: { devices: extended, busyPolicy: 'busy', isMailPrompt: false, leaves: 'nobody' },
  plain: { devices: plain, busyPolicy: 'busy', isMailPrompt: false, leaves: 'nobody' },
  mixed: { devices: mixed, busyPolicy: 'busy', isMailPrompt: false, leaves: 'plain' },
  waiting: { devices: three, busyPolicy: 'waiting', isMailPrompt: false, leaves: 'nobody' },
} as const satisfies Record<string, Omit<Setup, 'name'>>;

/** The name of a mixture. */
export type SetupName = keyof typeof SETUPS;

/** A mixture by its name. */
export function setupOf(name: SetupName): Setup {
  return { name, ...SETUPS[name] };
}
