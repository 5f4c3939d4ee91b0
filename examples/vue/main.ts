/** Calls in a Vue application. */
import { playRemote } from '@ringdown/client';
import { createApp, defineComponent, ref, watchPostEffect } from 'vue';
import { useCalls } from './use-calls.ts';

interface Friend {
  readonly id: string;
  readonly username: string;
}

const App = defineComponent({
  setup() {
    const token = ref<string>();
    const friends = ref<readonly Friend[]>([]);
    const { client, call, missed, says } = useCalls(token);
    const mine = ref<HTMLVideoElement>();
    const theirs = ref<HTMLVideoElement>();

    watchPostEffect((onCleanup) => {
      if (mine.value) mine.value.srcObject = call.value?.localStream ?? null;
      const stream = call.value?.remoteStream;
      if (theirs.value && stream) onCleanup(playRemote(theirs.value, stream));
    });

    async function login(event: Event) {
      const body = JSON.stringify(Object.fromEntries(new FormData(event.target as HTMLFormElement)));
      const headers = { 'content-type': 'application/json' };
      const answer = await (await fetch('/api/auth/login', { method: 'POST', headers, body })).json();
      if (!answer.success) {
        says.value = answer.error.message;
        return;
      }
      token.value = answer.data.token;
      const authorization = `Bearer ${answer.data.token}`;
      friends.value = (await (await fetch('/api/friends', { headers: { authorization } })).json()).data.friends;
    }
    const dial = (id: string) => client.value?.call(id).catch(() => undefined);
    const answer = () => call.value?.accept().catch(() => undefined);
    const hangUp = () => (call.value?.state === 'incoming' ? call.value.reject() : call.value?.hangUp());
    const toggleMicrophone = () => call.value?.setMicrophone(!call.value.microphoneOn);
    const toggleCamera = () => call.value?.setCamera(!call.value.cameraOn).catch(() => undefined);

    return {
      token,
      friends,
      call,
      missed,
      says,
      mine,
      theirs,
      login,
      dial,
      answer,
      hangUp,
      toggleMicrophone,
      toggleCamera,
    };
  },
  template: `
    <h1>Calls</h1>
    <form v-if="!token" @submit.prevent="login">
      <input name="username" placeholder="Name" autocomplete="username" required />
      <input name="password" type="password" placeholder="Password" autocomplete="current-password" required />
      <button>Sign in</button>
    </form>
    <p role="status">{{ says }}</p>
    <ul>
      <li v-for="friend in friends" :key="friend.id"><button @click="dial(friend.id)">Call {{ friend.username }}</button></li>
    </ul>
    <section v-if="call">
      <h2>{{ call.peer.username ?? 'Calling' }}: {{ call.state }}</h2>
      <video ref="theirs"></video>
      <video ref="mine" muted autoplay playsinline width="160"></video>
      <p>
        <button v-if="call.state === 'incoming'" @click="answer">Answer</button>
        <button :disabled="!call.localStream" @click="toggleMicrophone">{{ call.microphoneOn ? 'Mute' : 'Unmute' }}</button>
        <button :disabled="!call.localStream" @click="toggleCamera">{{ call.cameraOn ? 'Camera off' : 'Camera on' }}</button>
        <button @click="hangUp">Hang up</button>
      </p>
    </section>
    <ul><li v-for="each in missed" :key="each.callId">You missed a call of {{ each.peer.username }}</li></ul>
  `,
});

createApp(App).mount(document.body.appendChild(document.createElement('div')));
