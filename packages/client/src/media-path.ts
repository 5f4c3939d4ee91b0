/**
 * When to restart ICE. Pure: what happened in, what to do and when to look again out; the browser and the service it
 * does not know.
 *
 *   new ──connected──► whole ──disconnected──► shaky ──2 s──┐
 *                        ▲ ◄─────connected──────┘           ▼      not whole in time: again, three tries in all
 *                        └──────────connected────────── restarting ────────────────────────────────────────► lost
 *                                      failed, any time ────┘
 *
 * While the service cannot be reached a restart waits (`waiting`): what was gathered without a network is of no use.
 * When no restart is possible at all the browser gets some more time to find a way by itself (`helpless`). A restart that
 * the other side began counts like one of this side's: two at once would only undo each other.
 */

/** What is known of the path between the browsers. */
export interface PathModel {
  readonly phase: 'new' | 'whole' | 'shaky' | 'waiting' | 'restarting' | 'helpless' | 'lost';
  /** Restarts of this side since the path was whole. */
  readonly tries: number;
  /** Whether the service can be reached, as far as was said. */
  readonly signalling: boolean;
  /** When the network of this computer last changed, ms; such a path does not heal by itself. */
  readonly networkChangedAt?: number | undefined;
  /** When to look again, ms. */
  readonly deadline?: number | undefined;
}

/** What can happen to a path. */
export type PathEvent =
  | { readonly type: 'transport'; readonly state: 'connected' | 'disconnected' | 'failed' }
  | { readonly type: 'network_changed' }
  | { readonly type: 'signalling'; readonly up: boolean }
  /** Somebody wants a restart: the application, or its tests. */
  | { readonly type: 'asked' }
  /** The service has this side's offer to restart, or another one stands in its way: from now on its time runs. */
  | { readonly type: 'offered' }
  /** The other side restarts. */
  | { readonly type: 'remote_restart' }
  /** A restart of this side came to nothing. */
  | { readonly type: 'refused' }
  /** {@link PathModel.deadline} is over. */
  | { readonly type: 'time' };

/** What has to be known when something happens. */
export interface PathFacts {
  /** ms, of any clock. */
  readonly now: number;
  /** Whether the other side can take part in a restart. */
  readonly canRestart: boolean;
}

/** What came of an event. */
export interface PathStep {
  /** The very same object when the event changed nothing. */
  readonly model: PathModel;
  readonly act?: 'restart' | 'give_up';
}

/** An interruption this short mostly heals by itself, ms. */
const PATIENCE_MS = 2_000;
/** As many restarts as make sense before the path is whole again. */
const MOST_TRIES = 3;
/** How long a restart may take from when the service has it, ms: less than it keeps a negotiation open (RN-2). */
const RESTART_PATIENCE_MS = 10_000;
/** How long to wait after a refusal, ms. */
const REFUSED_PAUSE_MS = 2_000;
/** How long the browser may look for a way of its own where no restart is possible, ms. */
const HELPLESS_MS = 15_000;
/** For how long a change of network explains an interruption, ms: browsers need five seconds to notice one. */
const CHANGE_EXPLAINS_MS = 15_000;

/** How a path begins. */
export function beginPath(signalling = true): PathModel {
  return { phase: 'new', tries: 0, signalling };
}

/** Applies an event. Never throws; what does not fit the phase changes nothing. */
export function stepPath(model: PathModel, event: PathEvent, facts: PathFacts): PathStep {
  if (event.type === 'transport' && event.state === 'connected') return whole(model);
  if (model.phase === 'lost') return { model };
  switch (event.type) {
    case 'transport':
      return event.state === 'failed' ? onFailed(model, facts) : onDisconnected(model, facts);
    case 'network_changed': {
      const changed = { ...model, networkChangedAt: facts.now };
      return model.phase === 'shaky' ? restart(changed, facts) : { model: changed };
    }
    case 'signalling': {
      if (event.up === model.signalling) return { model };
      const known = { ...model, signalling: event.up };
      return event.up && model.phase === 'waiting' ? restart(known, facts) : { model: known };
    }
    case 'asked':
      return (model.phase === 'whole' || model.phase === 'shaky') && facts.canRestart
        ? restart(model, facts)
        : { model };
    case 'offered':
    case 'refused': {
      const waitMs = event.type === 'offered' ? RESTART_PATIENCE_MS : REFUSED_PAUSE_MS;
      return model.phase === 'restarting' ? to(model, 'restarting', facts.now + waitMs) : { model };
    }
    case 'remote_restart':
      return model.phase === 'new' ? { model } : to(model, 'restarting', facts.now + RESTART_PATIENCE_MS);
    case 'time':
      if (facts.now < (model.deadline ?? Number.POSITIVE_INFINITY)) return { model };
      return model.phase === 'helpless' ? giveUp(model) : restart(model, facts);
  }
}

/** Also out of `lost`: what works, works. */
function whole(model: PathModel): PathStep {
  return model.phase === 'whole' ? { model } : to(beginPath(model.signalling), 'whole');
}

function onDisconnected(model: PathModel, facts: PathFacts): PathStep {
  if (model.phase !== 'whole') return { model };
  const { networkChangedAt = Number.NEGATIVE_INFINITY } = model;
  if (!facts.canRestart) return to(model, 'shaky');
  if (facts.now - networkChangedAt <= CHANGE_EXPLAINS_MS) return restart(model, facts);
  return to(model, 'shaky', facts.now + PATIENCE_MS);
}

function onFailed(model: PathModel, facts: PathFacts): PathStep {
  switch (model.phase) {
    case 'waiting':
    case 'helpless':
      return { model };
    case 'restarting':
      // Before the service has the offer, the failure is the one that the restart is for.
      if (model.deadline === undefined) return { model };
  }
  return restart(model, facts);
}

function restart(model: PathModel, { now, canRestart }: PathFacts): PathStep {
  if (!canRestart) return to(model, 'helpless', now + HELPLESS_MS);
  if (!model.signalling) return to(model, 'waiting');
  if (model.tries >= MOST_TRIES) return giveUp(model);
  return { ...to({ ...model, tries: model.tries + 1 }, 'restarting'), act: 'restart' };
}

const giveUp = (model: PathModel): PathStep => ({ ...to(model, 'lost'), act: 'give_up' });

const to = (model: PathModel, phase: PathModel['phase'], deadline?: number): PathStep => ({
  model: { ...model, phase, deadline },
});
