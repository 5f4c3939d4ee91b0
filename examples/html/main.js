/** Calls in a page without a framework. */
import { playRemote, RingdownClient } from '@ringdown/client';
import { Ringer } from '@ringdown/client/ringing';
import { friends, isSignedIn, signIn, signOut, token } from '../account.js';
import { textOf } from '../texts.js';

/** @param {string} id @returns {any} */
const $ = (id) => document.getElementById(id);
/** @param {string} text */
const say = (text) => {
  $('says').textContent = text;
};
/** @param {Error} error */
const fail = ({ message }) => say(message);

$('login').addEventListener('submit', (/** @type {SubmitEvent} */ event) => {
  event.preventDefault();
  signIn($('login')).then(start).catch(fail);
});
$('sign-out').addEventListener('click', () => {
  signOut();
  location.reload();
});
if (isSignedIn()) start().catch(fail);

async function start() {
  $('login').hidden = true;
  $('sign-out').hidden = false;
  say('');
  const client = new RingdownClient({ url: location.origin, token });
  const ringer = new Ringer(client);
  const draw = drawing(client);
  client.on('state', (state) => {
    $('state').textContent = state;
  });
  client.on('error', fail);
  client.on('call', (call) => {
    say('');
    for (const event of /** @type {const} */ (['state', 'streams', 'media'])) call.on(event, draw);
    call.on('error', fail);
    call.on('ended', (end) => say(textOf(end)));
    draw();
  });
  client.on('openCalls', (calls) => {
    const open = calls.find(({ here }) => here);
    $('back').hidden = !open;
    if (!open) return;
    $('back').textContent = `Return to ${open.peer.username}`;
    $('back').onclick = () => client.call(open.peer.id, { takeover: true }).catch(fail);
  });
  ringer.on('missed', ({ peer }) => $('missed').append(item(`You missed a call of ${peer.username}`)));
  // A call that runs is left open: the page may be on its way back.
  addEventListener('pagehide', () => {
    const call = client.activeCall;
    if (call?.state === 'dialling' || call?.state === 'ringing') call.hangUp();
  });

  await client.connect();
  for (const { id, username } of await friends()) {
    const button = document.createElement('button');
    button.textContent = `Call ${username}`;
    button.onclick = () => client.call(id).catch(fail);
    $('friends').append(item(button));
  }
}

/**
 * Draws the call that this person is in; one that rings meanwhile is drawn after it.
 * @param {RingdownClient} client
 */
function drawing(client) {
  /** @type {MediaStream | undefined} */
  let playing;
  let stopPlaying = () => {};
  $('accept').onclick = () => client.activeCall?.accept().catch(fail);
  $('microphone').onclick = () => client.activeCall?.setMicrophone(!client.activeCall.microphoneOn);
  $('camera').onclick = () => client.activeCall?.setCamera(!client.activeCall.cameraOn).catch(fail);
  $('hang-up').onclick = () => client.activeCall?.hangUp();

  return function draw() {
    const call = client.activeCall;
    const rings = call?.state === 'incoming';
    $('call').hidden = !call;
    $('rings').textContent = rings ? `${call.peer.username} is calling.` : '';
    $('who').textContent = `${call?.peer.username ?? 'Calling'}: ${call?.state}`;
    $('accept').hidden = !rings;
    $('hang-up').textContent = rings ? 'Decline' : 'Hang up';
    // Without a stream: devices are not granted yet, or the call began without any.
    const canSwitch = call?.localStream !== undefined || call?.state === 'connected';
    $('microphone').disabled = $('camera').disabled = !canSwitch;
    $('microphone').textContent = call?.microphoneOn ? 'Mute' : 'Unmute';
    $('camera').textContent = call?.cameraOn ? 'Camera off' : 'Camera on';
    $('mine').srcObject = call?.localStream ?? null;
    if (call?.remoteStream === playing) return;
    stopPlaying();
    $('listen').hidden = true;
    playing = call?.remoteStream;
    if (!playing) return;
    stopPlaying = playRemote($('theirs'), playing, {
      // Any gesture will do; the button is there to be tapped.
      onBlocked: () => {
        $('listen').hidden = false;
      },
      onUnblocked: () => {
        $('listen').hidden = true;
      },
    });
  };
}

/** @param {string | Node} content */
function item(content) {
  const li = document.createElement('li');
  li.append(content);
  return li;
}
