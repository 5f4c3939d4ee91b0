/** Calls in a Vue application. */
import { playRemote } from '@ringdown/client';
import { computed, createApp, defineComponent, ref, watch } from 'vue';
import { friends, isSignedIn, signIn, signOut } from '../account.js';
import { useCalls } from './use-calls.ts';

const App = defineComponent({
  setup() {
    const signedIn = ref(isSignedIn());
    const all = ref<Awaited<ReturnType<typeof friends>>>([]);
    const { client, state, call, left, missed, says, fail } = useCalls(signedIn);
    const isBlocked = ref(false);
    const mine = ref<HTMLVideoElement>();
    const theirs = ref<HTMLVideoElement>();

    // Each runs when one of its two is another one, not whenever something of the call changed.
    watch(
      [mine, () => call.value?.localStream] as const,
      ([element, stream]) => {
        if (element) element.srcObject = stream ?? null;
      },
      { flush: 'post' },
    );
    watch(
      [theirs, () => call.value?.remoteStream] as const,
      ([element, stream], _before, onCleanup) => {
        isBlocked.value = false;
        if (!element || !stream) return;
        const setBlocked = (blocked: boolean) => () => {
          isBlocked.value = blocked;
        };
        onCleanup(playRemote(element, stream, { onBlocked: setBlocked(true), onUnblocked: setBlocked(false) }));
      },
      { flush: 'post' },
    );
    watch(signedIn, (now) => now && friends().then((found) => (all.value = found), fail), { immediate: true });

    return {
      signedIn,
      state,
      all,
      call,
      left,
      missed,
      says,
      isBlocked,
      mine,
      theirs,
      rings: computed(() => call.value?.state === 'incoming'),
      // Without a stream: devices are not granted yet, or the call began without any.
      canSwitch: computed(() => call.value?.localStream !== undefined || call.value?.state === 'connected'),
      login(event: Event) {
        says.value = '';
        signIn(event.target as HTMLFormElement).then(() => (signedIn.value = true), fail);
      },
      logout() {
        signOut();
        signedIn.value = false;
      },
      dial: (id: string) => client.value?.call(id).catch(fail),
      comeBack: () => left.value && client.value?.call(left.value.peer.id, { takeover: true }).catch(fail),
      answer: () => call.value?.accept().catch(fail),
      hangUp: () => call.value?.hangUp(),
      toggleMicrophone: () => call.value?.setMicrophone(!call.value.microphoneOn),
      toggleCamera: () => call.value?.setCamera(!call.value.cameraOn).catch(fail),
    };
  },
  template: `
    <h1>Calls</h1>
    <form v-if="!signedIn" @submit.prevent="login">
      <input name="username" aria-label="Name" placeholder="Name" autocomplete="username" required />
      <input name="password" aria-label="Password" type="password" placeholder="Password" autocomplete="current-password" required />
      <button>Sign in</button>
    </form>
    <p role="status"><span v-if="signedIn">{{ state }}</span> <span>{{ says }}</span></p>
    <p role="alert">{{ rings ? call.peer.username + ' is calling.' : '' }}</p>
    <button v-if="left" @click="comeBack">Return to {{ left.peer.username }}</button>
    <section v-if="call">
      <h2>{{ call.peer.username ?? 'Calling' }}: {{ call.state }}</h2>
      <video ref="theirs" aria-label="The other side"></video>
      <video ref="mine" aria-label="You" muted autoplay playsinline width="160"></video>
      <p>
        <!-- Any gesture will do; the button is there to be tapped. -->
        <button v-if="isBlocked">Tap to listen</button>
        <button v-if="rings" @click="answer">Answer</button>
        <button :disabled="!canSwitch" @click="toggleMicrophone">{{ call.microphoneOn ? 'Mute' : 'Unmute' }}</button>
        <button :disabled="!canSwitch" @click="toggleCamera">{{ call.cameraOn ? 'Camera off' : 'Camera on' }}</button>
        <button @click="hangUp">{{ rings ? 'Decline' : 'Hang up' }}</button>
      </p>
    </section>
    <ul v-if="signedIn" aria-label="Friends">
      <li v-for="friend in all" :key="friend.id"><button @click="dial(friend.id)">Call {{ friend.username }}</button></li>
    </ul>
    <ul aria-label="Missed calls"><li v-for="each in missed" :key="each.callId">You missed a call of {{ each.peer.username }}</li></ul>
    <button v-if="signedIn" @click="logout">Sign out</button>
  `,
});

createApp(App).mount(document.body.appendChild(document.createElement('div')));
