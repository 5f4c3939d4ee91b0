/**
 * Where scenes are played: the real `Calls` over the real store of a scene. Every answer of the store passes by here, is
 * told to the witnesses, and may be held back while something else happens.
 */
import type { CallId } from '@ringdown/call';
import { type CallStore, Calls, type Commit } from '@ringdown/server/core';
import type { Scene } from './scene.ts';

/** What a story tells of a commit. */
type CommitListener = (commit: Commit) => void;

/** Plays one thing after another on one scene at a time. */
export class Stage {
  /** The calls under test. */
  readonly calls: Calls;
  /** The store of the scene that is being played, observed. */
  readonly store: CallStore;
  /** Whether the scene has changed since {@link enter}. */
  changed = false;
  /** Whether the caller of a call that begins now is blocked by its callee. */
  blocked = false;
  #scene: Scene | undefined;
  #countdown = 0;
  #interruption: (() => Promise<void>) | undefined;
  readonly #onCommit: CommitListener | undefined;

  /** @param onCommit called after each commit, to tell a story */
  constructor(onCommit?: CommitListener) {
    this.#onCommit = onCommit;
    this.store = this.#observed();
    this.calls = new Calls(this.store, {
      onRecord: () => undefined,
      onCommit: () => undefined,
      onQuality: async () => undefined,
    });
  }

  /** Goes on with this scene. */
  enter(scene: Scene): void {
    this.#scene = scene;
    this.changed = false;
    this.#interruption = undefined;
  }

  /** The scene that is being played. */
  get scene(): Scene {
    if (!this.#scene) throw new Error('no scene has been entered');
    return this.#scene;
  }

  /**
   * Holds a later step back while something else happens.
   * @param step which of the next steps at the store, from 1
   */
  interruptBefore(step: number, run: () => Promise<void>): void {
    this.#countdown = step;
    this.#interruption = run;
  }

  /** Nothing more is held back: there were fewer steps. */
  dropInterruption(): void {
    this.#interruption = undefined;
  }

  async #point(): Promise<void> {
    this.#countdown -= 1;
    if (this.#countdown !== 0) return;
    const run = this.#interruption;
    this.#interruption = undefined;
    await run?.();
  }

  #observed(): CallStore {
    const inner = () => this.scene.store;
    return {
      now: () => this.scene.clock.ms,
      read: async (users, calls) => {
        if (this.#interruption) await this.#point();
        return inner().read(users, calls);
      },
      commit: async (commit) => {
        if (this.#interruption) await this.#point();
        const result = await inner().commit(commit);
        if (result !== 'committed') return result;
        const { scene } = this;
        this.changed = true;
        scene.witness.committed(commit, scene.clock.ms);
        scene.mail.committed(commit);
        for (const { callId } of commit.calls) remember(scene, callId);
        for (const { type } of commit.effects) if (type === 'record') scene.records += 1;
        this.#onCommit?.(commit);
        return result;
      },
      relay: async (from, sessionId, callId, frames, receiverId) => {
        const { scene } = this;
        const result = await inner().relay(from, sessionId, callId, frames, receiverId);
        const to = scene.witness.relayed(from, callId, result, receiverId);
        if (result === 'ok' && scene.keeps(from, callId)) {
          this.changed = true;
          scene.mail.relayed(from, callId, frames, to);
        }
        return result;
      },
      attach: async (endpoint, session) => {
        const attached = await inner().attach(endpoint, session);
        this.changed = true;
        this.scene.mail.attached(endpoint, session, attached, this.scene.clock.ms);
        return attached;
      },
      confirmToken: (endpoint, sessionId) => inner().confirmToken(endpoint, sessionId),
      detach: async (endpoint, sessionId) => {
        const live = await inner().detach(endpoint, sessionId);
        if (live !== undefined) this.changed = true;
        this.scene.mail.detached(endpoint, sessionId, live !== undefined, this.scene.clock.ms);
        return live;
      },
      detachTold: (endpoint, sessionId) => inner().detachTold(endpoint, sessionId),
      adoptEnds: async (endpoint, sessionId) => {
        if (this.#interruption) await this.#point();
        await inner().adoptEnds(endpoint, sessionId);
        this.scene.mail.adopted(endpoint, sessionId, (callId) => this.scene.witness.stateOf(callId));
      },
      mailbox: (endpoint, sessionId, after, max) => inner().mailbox(endpoint, sessionId, after, max),
      ack: (endpoint, sessionId, upTo) => inner().ack(endpoint, sessionId, upTo),
      due: (max) => inner().due(max),
      nextDue: () => inner().nextDue(),
      beat: () => inner().beat(),
      onWake: (listener) => inner().onWake(listener),
      unsettled: (max) => inner().unsettled(max),
      settle: (callIds) => inner().settle(callIds),
      sizes: () => inner().sizes(),
    };
  }
}

function remember(scene: Scene, callId: CallId): void {
  if (!scene.calls.includes(callId)) scene.calls = [...scene.calls, callId];
}
