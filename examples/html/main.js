/** Calls in a page without a framework. */
import { playRemote, RingdownClient } from '@ringdown/client';
import { Ringer } from '@ringdown/client/ringing';

/** @param {string} id @returns {any} */
const $ = (id) => document.getElementById(id);
/** @param {string} text */
const say = (text) => {
  $('says').textContent = text;
};

$('login').addEventListener('submit', async (/** @type {SubmitEvent} */ event) => {
  event.preventDefault();
  const body = JSON.stringify(Object.fromEntries(new FormData($('login'))));
  const response = await fetch('/api/auth/login', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  const { success, data, error } = await response.json();
  if (!success) return say(error.message);
  $('login').hidden = true;
  await start(data.token);
});

/** @param {string} token */
async function start(token) {
  // The token lives an hour; a real application asks for another one here.
  const client = new RingdownClient({ url: location.origin, token: () => token });
  const ringer = new Ringer(client);
  client.on('state', say);
  client.on('error', ({ message }) => say(message));
  client.on('call', show);
  ringer.on('missed', ({ peer }) => $('missed').append(item(`You missed a call of ${peer.username}`)));
  addEventListener('pagehide', () => client.activeCall?.hangUp());

  const response = await fetch('/api/friends', { headers: { authorization: `Bearer ${token}` } });
  const { data } = await response.json();
  for (const { id, username } of data.friends) {
    const button = document.createElement('button');
    button.textContent = `Call ${username}`;
    button.onclick = () => client.call(id).catch(({ message }) => say(message));
    $('friends').append(item(button));
  }
  await client.connect();
}

/** @param {import('@ringdown/client').Call} call */
function show(call) {
  let stopPlaying = () => {};
  const draw = () => {
    $('call').hidden = call.state === 'ended';
    $('who').textContent = `${call.peer.username ?? 'Calling'}: ${call.state}`;
    $('accept').hidden = call.state !== 'incoming';
    $('microphone').textContent = call.microphoneOn ? 'Mute' : 'Unmute';
    $('camera').textContent = call.cameraOn ? 'Camera off' : 'Camera on';
    $('mine').srcObject = call.localStream ?? null;
    stopPlaying();
    if (call.remoteStream)
      stopPlaying = playRemote($('theirs'), call.remoteStream, { onBlocked: (error) => say(error.message) });
  };
  for (const event of /** @type {const} */ (['state', 'streams', 'media'])) call.on(event, draw);
  call.on('error', ({ message }) => say(message));
  call.on('ended', ({ reason }) => say(reason));
  $('accept').onclick = () => call.accept().catch(({ message }) => say(message));
  $('microphone').onclick = () => call.setMicrophone(!call.microphoneOn);
  $('camera').onclick = () => call.setCamera(!call.cameraOn).catch(({ message }) => say(message));
  $('hang-up').onclick = () => (call.state === 'incoming' ? call.reject() : call.hangUp());
  draw();
}

/** @param {string | Node} content */
function item(content) {
  const li = document.createElement('li');
  li.append(content);
  return li;
}
