/** The SDK as Vue sees it: a client for as long as somebody is signed in, and a call as reactive values. */
import { type Call, RingdownClient } from '@ringdown/client';
import { type MissedCall, Ringer } from '@ringdown/client/ringing';
import { type Ref, ref, shallowRef, triggerRef, watch } from 'vue';

/** Connects while there is a token. @param token undefined when nobody is signed in */
export function useCalls(token: Ref<string | undefined>) {
  const client = shallowRef<RingdownClient>();
  // Shallow: a call is no data, and what of it changed is told by its events.
  const call = shallowRef<Call>();
  const missed = ref<MissedCall[]>([]);
  const says = ref('');

  watch(token, (now, _before, onCleanup) => {
    if (now === undefined) return;
    const made = new RingdownClient({ url: location.origin, token: () => now });
    const ringer = new Ringer(made);
    made.on('state', (state) => {
      says.value = state;
    });
    made.on('error', ({ message }) => {
      says.value = message;
    });
    made.on('call', (each) => {
      call.value = each;
      for (const event of ['state', 'streams', 'media'] as const) each.on(event, () => triggerRef(call));
      each.on('error', ({ message }) => {
        says.value = message;
      });
      each.on('ended', () => {
        call.value = made.activeCall;
      });
    });
    ringer.on('missed', (each) => missed.value.push(each));
    made.connect().catch(({ message }) => {
      says.value = message;
    });
    client.value = made;
    onCleanup(() => {
      for (const each of made.calls) each.hangUp();
      ringer.stop();
      made.disconnect();
      client.value = undefined;
    });
  });

  return { client, call, missed, says };
}
