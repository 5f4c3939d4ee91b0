/** The SDK as Vue sees it: a client for as long as somebody is signed in, and a call as reactive values. */
import { type Call, type ClientState, type OpenCall, RingdownClient } from '@ringdown/client';
import { type MissedCall, Ringer } from '@ringdown/client/ringing';
import { type Ref, ref, shallowRef, triggerRef, watch } from 'vue';
import { token } from '../account.js';
import { textOf } from '../texts.js';

/** Connects while somebody is signed in. */
export function useCalls(isSignedIn: Ref<boolean>) {
  const client = shallowRef<RingdownClient>();
  const state = ref<ClientState>('offline');
  // The call that this person is in, else one that rings. Shallow: a call is no data, and its events tell what changed.
  const call = shallowRef<Call>();
  // The call that this page was in before it was loaded again.
  const left = ref<OpenCall>();
  const missed = ref<MissedCall[]>([]);
  // What went wrong last, or how the last call ended.
  const says = ref('');
  const fail = ({ message }: Error) => {
    says.value = message;
  };

  function connect(onCleanup: (cleanup: () => void) => void): void {
    const made = new RingdownClient({ url: location.origin, token });
    const ringer = new Ringer(made);
    const end = new AbortController();
    const draw = () => {
      call.value = made.activeCall;
      triggerRef(call);
    };
    made.on('state', (now) => {
      state.value = now;
    });
    made.on('error', fail);
    made.on('call', (each) => {
      says.value = '';
      for (const event of ['state', 'streams', 'media'] as const) each.on(event, draw);
      each.on('error', fail);
      each.on('ended', (how) => {
        says.value = textOf(how);
      });
      draw();
    });
    made.on('openCalls', (calls) => {
      left.value = calls.find(({ here }) => here);
    });
    ringer.on('missed', (each) => missed.value.push(each));
    // A call that runs is left open: the page may be on its way back.
    const leave = () => {
      const { activeCall } = made;
      if (activeCall?.state === 'dialling' || activeCall?.state === 'ringing') activeCall.hangUp();
    };
    addEventListener('pagehide', leave, { signal: end.signal });
    // After the cleanup it rejects with `not_online`, which is no news.
    made.connect().catch((error) => end.signal.aborted || fail(error));
    client.value = made;
    onCleanup(() => {
      end.abort();
      // To hang up what rings here would decline it on all devices.
      for (const each of made.calls) if (each.state !== 'incoming') each.hangUp();
      ringer.stop();
      made.disconnect();
      client.value = call.value = left.value = undefined;
    });
  }
  watch(isSignedIn, (now, _before, onCleanup) => now && connect(onCleanup), { immediate: true });

  return { client, state, call, left, missed, says, fail };
}
