/** Calls in a React application. */
import { type Call, playRemote } from '@ringdown/client';
import { type FormEvent, StrictMode, useEffect, useRef, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { friends, isSignedIn, signIn, signOut } from '../account.js';
import { useCall, useCalls } from './use-calls.ts';

type Say = (text: string) => void;
type Friend = Awaited<ReturnType<typeof friends>>[number];

function App() {
  const [signedIn, setSignedIn] = useState(isSignedIn);
  const { client, state, call, left, missed, says, say } = useCalls(signedIn);
  const fail = ({ message }: Error) => say(message);
  const leave = () => {
    signOut();
    setSignedIn(false);
  };
  return (
    <main>
      <h1>Calls</h1>
      {!signedIn && <Login onSignedIn={() => setSignedIn(true)} say={say} />}
      <p role="status">
        <span>{signedIn && state}</span> <span>{says}</span>
      </p>
      <p role="alert">{call?.state === 'incoming' && `${call.peer.username} is calling.`}</p>
      {left && (
        <button type="button" onClick={() => client?.call(left.peer.id, { takeover: true }).catch(fail)}>
          Return to {left.peer.username}
        </button>
      )}
      {call && <CallView call={call} say={say} />}
      {signedIn && <Friends onCall={(id) => client?.call(id).catch(fail)} say={say} />}
      <ul aria-label="Missed calls">
        {missed.map(({ callId, peer }) => (
          <li key={callId}>You missed a call of {peer.username}</li>
        ))}
      </ul>
      {signedIn && (
        <button type="button" onClick={leave}>
          Sign out
        </button>
      )}
    </main>
  );
}

function Login({ onSignedIn, say }: { onSignedIn: () => void; say: Say }) {
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    say('');
    signIn(event.currentTarget).then(onSignedIn, ({ message }) => say(message));
  };
  return (
    <form onSubmit={submit}>
      <input name="username" aria-label="Name" placeholder="Name" autoComplete="username" required />
      <input
        name="password"
        aria-label="Password"
        type="password"
        placeholder="Password"
        autoComplete="current-password"
        required
      />
      <button type="submit">Sign in</button>
    </form>
  );
}

function Friends({ onCall, say }: { onCall: (id: string) => void; say: Say }) {
  const [all, setAll] = useState<readonly Friend[]>([]);
  useEffect(() => {
    friends().then(setAll, ({ message }) => say(message));
  }, [say]);
  return (
    <ul aria-label="Friends">
      {all.map(({ id, username }) => (
        <li key={id}>
          <button type="button" onClick={() => onCall(id)}>
            Call {username}
          </button>
        </li>
      ))}
    </ul>
  );
}

function CallView({ call, say }: { call: Call; say: Say }) {
  const { state, peer, localStream, remoteStream, microphoneOn, cameraOn } = useCall(call);
  const [isBlocked, setBlocked] = useState(false);
  const mine = useRef<HTMLVideoElement>(null);
  const theirs = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    if (mine.current) mine.current.srcObject = localStream ?? null;
  }, [localStream]);
  useEffect(() => {
    if (!theirs.current || !remoteStream) return;
    const onBlocked = () => setBlocked(true);
    const onUnblocked = () => setBlocked(false);
    const stop = playRemote(theirs.current, remoteStream, { onBlocked, onUnblocked });
    return () => {
      stop();
      onUnblocked();
    };
  }, [remoteStream]);
  const fail = ({ message }: Error) => say(message);
  const rings = state === 'incoming';
  // Without a stream: devices are not granted yet, or the call began without any.
  const canSwitch = localStream !== undefined || state === 'connected';
  return (
    <section>
      <h2>
        {peer.username ?? 'Calling'}: {state}
      </h2>
      {/* biome-ignore lint/a11y/useMediaCaption: a call has no captions */}
      <video ref={theirs} aria-label="The other side" />
      <video ref={mine} aria-label="You" muted autoPlay playsInline width="160" />
      <p>
        {/* Any gesture will do; the button is there to be tapped. */}
        {isBlocked && <button type="button">Tap to listen</button>}
        {rings && (
          <button type="button" onClick={() => call.accept().catch(fail)}>
            Answer
          </button>
        )}
        <button type="button" onClick={() => call.setMicrophone(!microphoneOn)} disabled={!canSwitch}>
          {microphoneOn ? 'Mute' : 'Unmute'}
        </button>
        <button type="button" onClick={() => call.setCamera(!cameraOn).catch(fail)} disabled={!canSwitch}>
          {cameraOn ? 'Camera off' : 'Camera on'}
        </button>
        <button type="button" onClick={() => call.hangUp()}>
          {rings ? 'Decline' : 'Hang up'}
        </button>
      </p>
    </section>
  );
}

const root = document.createElement('div');
document.body.append(root);
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
