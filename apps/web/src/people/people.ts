/** The people a person knows: friends, requests, the blocked, and groups with their members. */
import type { Group, PublicUser, RestData } from '@ringdown/protocol';
import { Resource } from '../base/resource.ts';
import type { Api } from '../session/api.ts';

/** What somebody is to the person signed in, the closest first. */
export type Tie = 'me' | 'blocked' | 'friend' | 'asked-me' | 'asked-by-me' | 'group' | 'stranger';

/** The lists of people, and what can be done with them. Every operation rejects with an `ApiError`. */
export class People {
  /** Friends and requests both ways. */
  readonly friends: Resource<RestData<'friends'>>;
  /** Whom this person has blocked. */
  readonly blocked: Resource<readonly PublicUser[]>;
  /** Groups and invitations. */
  readonly groups: Resource<readonly Group[]>;
  readonly #api: Api;
  readonly #ownId: () => string | undefined;

  /**
   * @param api the REST door
   * @param ownId the id of the person signed in
   */
  constructor(api: Api, ownId: () => string | undefined) {
    this.#api = api;
    this.#ownId = ownId;
    this.friends = new Resource(() => api.friends());
    this.blocked = new Resource(() => api.blocked());
    this.groups = new Resource(() => api.groups());
  }

  /** Asks for all lists again. */
  async refresh(): Promise<void> {
    await Promise.all([this.friends.refresh(), this.groups.refresh(), this.blocked.refresh()]);
  }

  /** Forgets all lists, when somebody signs out. */
  clear(): void {
    this.friends.clear();
    this.groups.clear();
    this.blocked.clear();
  }

  /** What somebody is to the person signed in. */
  tieTo(userId: string): Tie {
    const has = (list: readonly PublicUser[] | undefined) => list?.some((user) => user.id === userId) ?? false;
    const lists = this.friends.value.data;
    if (userId === this.#ownId()) return 'me';
    if (has(this.blocked.value.data)) return 'blocked';
    if (has(lists?.friends)) return 'friend';
    if (has(lists?.incoming)) return 'asked-me';
    if (has(lists?.outgoing)) return 'asked-by-me';
    return this.#sharesGroup(userId) ? 'group' : 'stranger';
  }

  /** Whether this person may call somebody, as far as the lists tell; the service has the last word. */
  mayCall(userId: string): boolean {
    const tie = this.tieTo(userId);
    return tie === 'friend' || (tie !== 'me' && tie !== 'blocked' && this.#sharesGroup(userId));
  }

  #sharesGroup(userId: string): boolean {
    return this.#joined().some((group) => group.members.some((m) => m.id === userId && m.membership === 'member'));
  }

  /** A known person, or undefined. */
  known(userId: string): PublicUser | undefined {
    const lists = this.friends.value.data;
    const everybody = [
      ...(lists?.friends ?? []),
      ...(lists?.incoming ?? []),
      ...(lists?.outgoing ?? []),
      ...(this.blocked.value.data ?? []),
      ...(this.groups.value.data ?? []).flatMap((group) => group.members),
    ];
    return everybody.find((user) => user.id === userId);
  }

  /** How many requests and invitations wait for this person's answer. */
  get waiting(): number {
    const invitations = (this.groups.value.data ?? []).filter((group) => group.membership === 'invited');
    return (this.friends.value.data?.incoming.length ?? 0) + invitations.length;
  }

  /** Asks somebody to be friends or accepts their request; tells which of both came of it. */
  async befriend(userId: string): Promise<'requested' | 'friends'> {
    const { status } = await this.#api.befriend(userId);
    await this.friends.refresh();
    return status;
  }

  /** Ends a friendship, declines a request or takes one back. */
  async unfriend(userId: string): Promise<void> {
    await this.#api.unfriend(userId);
    await this.friends.refresh();
  }

  /** Blocks somebody; a friendship with them ends. */
  async block(userId: string): Promise<void> {
    await this.#api.block(userId);
    await this.refresh();
  }

  /** Unblocks somebody. */
  async unblock(userId: string): Promise<void> {
    await this.#api.unblock(userId);
    await this.refresh();
  }

  /** Makes a group and returns it. */
  async createGroup(name: string): Promise<Group> {
    const group = await this.#api.createGroup(name);
    await this.groups.refresh();
    return group;
  }

  /** Invites somebody to a group. */
  async invite(groupId: string, userId: string): Promise<void> {
    await this.#api.putMember(groupId, userId);
    await this.groups.refresh();
  }

  /** Accepts the invitation to a group. */
  async joinGroup(groupId: string): Promise<void> {
    await this.#api.putMember(groupId, this.#ownId() ?? '');
    await this.groups.refresh();
  }

  /** Leaves a group or declines its invitation. */
  async leaveGroup(groupId: string): Promise<void> {
    await this.#api.removeMember(groupId, this.#ownId() ?? '');
    await this.groups.refresh();
  }

  /** Removes somebody from a group; only its owner may. */
  async removeMember(groupId: string, userId: string): Promise<void> {
    await this.#api.removeMember(groupId, userId);
    await this.groups.refresh();
  }

  #joined(): Group[] {
    return (this.groups.value.data ?? []).filter((group) => group.membership === 'member');
  }
}
