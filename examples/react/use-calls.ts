/** The SDK as React sees it: a client for as long as somebody is signed in, and calls that draw themselves anew. */
import { type Call, type ClientState, RingdownClient } from '@ringdown/client';
import { type MissedCall, Ringer } from '@ringdown/client/ringing';
import { useEffect, useState, useSyncExternalStore } from 'react';

export interface Calls {
  readonly client: RingdownClient | undefined;
  readonly state: ClientState;
  /** The call that is shown; undefined when there is none. */
  readonly call: Call | undefined;
  readonly missed: readonly MissedCall[];
  /** What went wrong last. */
  readonly problem: string | undefined;
}

/** Connects while there is a token. @param token undefined when nobody is signed in */
export function useCalls(token: string | undefined): Calls {
  const [client, setClient] = useState<RingdownClient>();
  const [state, setState] = useState<ClientState>('offline');
  const [call, setCall] = useState<Call>();
  const [missed, setMissed] = useState<readonly MissedCall[]>([]);
  const [problem, setProblem] = useState<string>();

  useEffect(() => {
    if (token === undefined) return;
    const made = new RingdownClient({ url: location.origin, token: () => token });
    const ringer = new Ringer(made);
    made.on('state', setState);
    made.on('error', ({ message }) => setProblem(message));
    made.on('call', (each) => {
      setCall(each);
      each.on('error', ({ message }) => setProblem(message));
      each.on('ended', () => setCall(made.activeCall));
    });
    ringer.on('missed', (each) => setMissed((before) => [...before, each]));
    made.connect().catch(({ message }) => setProblem(message));
    setClient(made);
    return () => {
      for (const each of made.calls) each.hangUp();
      ringer.stop();
      made.disconnect();
      setClient(undefined);
    };
  }, [token]);

  return { client, state, call, missed, problem };
}

/** Draws anew whenever something of the call changed. */
export function useCall(call: Call): Call {
  useSyncExternalStore(
    (changed) => {
      const stops = (['state', 'streams', 'media'] as const).map((event) => call.on(event, changed));
      return () => {
        for (const stop of stops) stop();
      };
    },
    // One text for all that is drawn: React draws when it differs.
    () => [call.state, call.microphoneOn, call.cameraOn, call.localStream?.id, call.remoteStream?.id].join(),
  );
  return call;
}
