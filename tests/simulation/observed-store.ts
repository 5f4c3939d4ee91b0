/** A node's handle on the store, as the simulation lets it be used: it waits at points, fails as told, and is judged. */
import type { CallId, UserId } from '@ringdown/call';
import type { CallStore, Commit, Snapshot } from '@ringdown/server/core';
import type { History } from './history.ts';

/** Wraps a handle. @param node whose handle it is */
export function observedStore(inner: CallStore, node: string, history: History): CallStore {
  const { dice, scheduler, ledger, witness, clock } = history;
  /** Half of the steps follow one another at once; at the others anything may come between. */
  const point = async () => {
    if (dice.chance(history.interleaving)) await scheduler.point();
  };
  /** What was committed stands, whether or not who asked for it ever hears so. */
  const pointAfterCommit = async () => {
    const task = scheduler.current;
    if (!task || !dice.chance(0.25)) return;
    task.committed = true;
    await scheduler.point();
    task.committed = false;
  };

  return {
    now: () => inner.now(),
    async read(users: readonly UserId[], calls: readonly CallId[], requestKey?: string): Promise<Snapshot> {
      await point();
      const snapshot = await inner.read(users, calls, requestKey);
      witness.agrees(snapshot);
      history.decides(calls[0], snapshot);
      return snapshot;
    },
    async commit(commit: Commit) {
      await point();
      if (dice.chance(history.faultRate(0.02))) {
        history.fault('conflict');
        return 'conflict';
      }
      const result = await inner.commit(commit);
      if (result === 'conflict') history.fault('stale');
      if (result === 'fenced') history.fault('fenced');
      if (result === 'committed') {
        history.say(
          () =>
            `${node} commits ${commit.calls.map(({ callId, phase }) => `${callId} ${phase}`).join(', ') || 'frames'}`,
        );
        witness.committed(commit, clock.ms);
        ledger.committed(commit);
        history.committed(commit);
      }
      await pointAfterCommit();
      return result;
    },
    async relay(from, sessionId, callId, frames, receiverId) {
      await point();
      history.relaying(callId, from);
      const result = await inner.relay(from, sessionId, callId, frames, receiverId);
      ledger.relayed(from, sessionId, callId, frames, receiverId, result);
      await pointAfterCommit();
      return result;
    },
    async attach(endpoint, session) {
      await point();
      const attached = await inner.attach(endpoint, session);
      history.say(
        () =>
          `${endpoint} attaches at ${node} as ${session.sessionId}${session.resume ? `, after ${session.resume.lastSeq}` : ''}: ${attached.resumed ? 'resumed' : 'anew'}`,
      );
      ledger.attached(endpoint, session, clock.ms, attached);
      history.journalled();
      await pointAfterCommit();
      return attached;
    },
    async confirmToken(endpoint, sessionId) {
      await point();
      await inner.confirmToken(endpoint, sessionId);
      ledger.confirmed(endpoint, sessionId);
    },
    async detach(endpoint, sessionId) {
      await point();
      const live = await inner.detach(endpoint, sessionId);
      history.say(() => `${endpoint} is detached as ${sessionId}${live ? '' : ', too late'}`);
      if (live === undefined) history.fault('staleDetach');
      ledger.detached(endpoint, sessionId, clock.ms, live !== undefined);
      await pointAfterCommit();
      return live;
    },
    async detachTold(endpoint, sessionId) {
      await point();
      await inner.detachTold(endpoint, sessionId);
      ledger.toldGone(endpoint, sessionId);
    },
    async adoptEnds(endpoint, sessionId) {
      await point();
      await inner.adoptEnds(endpoint, sessionId);
      ledger.adopted(endpoint, sessionId);
      history.journalled();
    },
    async mailbox(endpoint, sessionId, after, max) {
      await point();
      const frames = await inner.mailbox(endpoint, sessionId, after, max);
      history.delivered(endpoint, sessionId, ledger.read(endpoint, sessionId, after, max, frames));
      return frames;
    },
    async ack(endpoint, sessionId, upTo) {
      await point();
      const rung = await inner.ack(endpoint, sessionId, upTo);
      ledger.acked(endpoint, sessionId, upTo);
      return rung;
    },
    async due(max) {
      await point();
      const due = await inner.due(max);
      ledger.forgot(clock.ms);
      return due;
    },
    nextDue: () => inner.nextDue(),
    async beat() {
      await point();
      return inner.beat();
    },
    onWake: (listener) => inner.onWake(listener),
    async unsettled(max) {
      await point();
      return inner.unsettled(max);
    },
    async settle(callIds) {
      await point();
      await inner.settle(callIds);
    },
    sizes: () => inner.sizes(),
  };
}
