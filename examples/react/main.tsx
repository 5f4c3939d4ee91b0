/** Calls in a React application. */
import { type Call, playRemote } from '@ringdown/client';
import { type FormEvent, StrictMode, useEffect, useRef, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { useCall, useCalls } from './use-calls.ts';

interface Friend {
  readonly id: string;
  readonly username: string;
}

function App() {
  const [token, setToken] = useState<string>();
  const { client, state, call, missed, problem } = useCalls(token);
  return (
    <main>
      <h1>Calls</h1>
      {token === undefined ? <Login onToken={setToken} /> : <p role="status">{problem ?? state}</p>}
      {token !== undefined && <Friends token={token} onCall={(id) => client?.call(id).catch(() => undefined)} />}
      {call && <CallView call={call} />}
      <ul>
        {missed.map(({ callId, peer }) => (
          <li key={callId}>You missed a call of {peer.username}</li>
        ))}
      </ul>
    </main>
  );
}

function Login({ onToken }: { onToken: (token: string) => void }) {
  const [problem, setProblem] = useState('');
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const body = JSON.stringify(Object.fromEntries(new FormData(event.currentTarget)));
    const headers = { 'content-type': 'application/json' };
    const response = await fetch('/api/auth/login', { method: 'POST', headers, body });
    const { success, data, error } = await response.json();
    if (success) onToken(data.token);
    else setProblem(error.message);
  };
  return (
    <form onSubmit={submit}>
      <input name="username" placeholder="Name" autoComplete="username" required />
      <input name="password" type="password" placeholder="Password" autoComplete="current-password" required />
      <button type="submit">Sign in</button>
      <p role="status">{problem}</p>
    </form>
  );
}

function Friends({ token, onCall }: { token: string; onCall: (id: string) => void }) {
  const [friends, setFriends] = useState<readonly Friend[]>([]);
  useEffect(() => {
    fetch('/api/friends', { headers: { authorization: `Bearer ${token}` } })
      .then((response) => response.json())
      .then(({ data }) => setFriends(data.friends));
  }, [token]);
  return (
    <ul>
      {friends.map(({ id, username }) => (
        <li key={id}>
          <button type="button" onClick={() => onCall(id)}>
            Call {username}
          </button>
        </li>
      ))}
    </ul>
  );
}

function CallView({ call }: { call: Call }) {
  const { state, peer, localStream, remoteStream, microphoneOn, cameraOn } = useCall(call);
  const mine = useRef<HTMLVideoElement>(null);
  const theirs = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    if (mine.current) mine.current.srcObject = localStream ?? null;
  }, [localStream]);
  useEffect(() => {
    return theirs.current && remoteStream ? playRemote(theirs.current, remoteStream) : undefined;
  }, [remoteStream]);
  return (
    <section>
      <h2>
        {peer.username ?? 'Calling'}: {state}
      </h2>
      {/* biome-ignore lint/a11y/useMediaCaption: a call has no captions */}
      <video ref={theirs} />
      <video ref={mine} muted autoPlay playsInline width="160" />
      <p>
        {state === 'incoming' && (
          <button type="button" onClick={() => call.accept().catch(() => undefined)}>
            Answer
          </button>
        )}
        <button type="button" onClick={() => call.setMicrophone(!microphoneOn)} disabled={!localStream}>
          {microphoneOn ? 'Mute' : 'Unmute'}
        </button>
        <button type="button" onClick={() => call.setCamera(!cameraOn).catch(() => undefined)} disabled={!localStream}>
          {cameraOn ? 'Camera off' : 'Camera on'}
        </button>
        <button type="button" onClick={() => (state === 'incoming' ? call.reject() : call.hangUp())}>
          Hang up
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
