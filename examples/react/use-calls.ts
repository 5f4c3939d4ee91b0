/** The SDK as React sees it: a client for as long as somebody is signed in, and calls that draw themselves anew. */
import { type Call, type ClientState, type OpenCall, RingdownClient } from '@ringdown/client';
import { type MissedCall, Ringer } from '@ringdown/client/ringing';
import { useEffect, useState, useSyncExternalStore } from 'react';
import { token } from '../account.js';
import { textOf } from '../texts.js';

export interface Calls {
  readonly client: RingdownClient | undefined;
  readonly state: ClientState;
  /** The call that this person is in, else one that rings; undefined when there is none. */
  readonly call: Call | undefined;
  /** The call that this page was in before it was loaded again. */
  readonly left: OpenCall | undefined;
  readonly missed: readonly MissedCall[];
  /** What went wrong last, or how the last call ended. */
  readonly says: string;
  readonly say: (text: string) => void;
}

/** Connects while somebody is signed in. */
export function useCalls(isSignedIn: boolean): Calls {
  const [client, setClient] = useState<RingdownClient>();
  const [state, setState] = useState<ClientState>('offline');
  const [call, setCall] = useState<Call>();
  const [left, setLeft] = useState<OpenCall>();
  const [missed, setMissed] = useState<readonly MissedCall[]>([]);
  const [says, say] = useState('');

  useEffect(() => {
    if (!isSignedIn) return;
    const made = new RingdownClient({ url: location.origin, token });
    const ringer = new Ringer(made);
    const end = new AbortController();
    made.on('state', setState);
    made.on('error', ({ message }) => say(message));
    made.on('call', (each) => {
      say('');
      setCall(made.activeCall);
      each.on('error', ({ message }) => say(message));
      each.on('ended', (how) => {
        say(textOf(how));
        setCall(made.activeCall);
      });
    });
    made.on('openCalls', (calls) => setLeft(calls.find(({ here }) => here)));
    ringer.on('missed', (each) => setMissed((before) => [...before, each]));
    // A call that runs is left open: the page may be on its way back.
    const leave = () => {
      const { activeCall } = made;
      if (activeCall?.state === 'dialling' || activeCall?.state === 'ringing') activeCall.hangUp();
    };
    addEventListener('pagehide', leave, { signal: end.signal });
    // After the cleanup it rejects with `not_online`, which is no news.
    made.connect().catch(({ message }) => end.signal.aborted || say(message));
    setClient(made);
    return () => {
      end.abort();
      // To hang up what rings here would decline it on all devices.
      for (const each of made.calls) if (each.state !== 'incoming') each.hangUp();
      ringer.stop();
      made.disconnect();
      setClient(undefined);
      setCall(undefined);
      setLeft(undefined);
    };
  }, [isSignedIn]);

  return { client, state, call, left, missed, says, say };
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
