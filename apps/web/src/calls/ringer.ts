/** Everything that tells a person that somebody calls: the tune, the shaking phone, the blinking title, the notification. */
import { t } from '../i18n/language.ts';
import { ringTone } from '../settings/preferences.ts';
import { audible, playTune, type StopTune } from './tone-player.ts';
import { RING_TUNES, RINGBACK_TUNE } from './tones.ts';

/** Who calls, as far as the ringer tells. */
export interface Ringing {
  readonly callId: string | undefined;
  readonly name: string;
  readonly video: boolean;
}

const SHAKE_MS = [400, 200, 400, 1400];
const BLINK_MS = 1000;
/** Several tabs ring in one room: only the tab that holds this lock is heard. */
const RING_LOCK = 'ringdown.ringing';

/** Rings until the returned function is called. */
export function ring(call: Ringing): () => void {
  const ends = [ringAloud(), shake(), blinkTitle(call), notify(call)];
  return () => {
    for (const end of ends) end();
  };
}

/** Plays what a caller hears while it rings at the other end, until the returned function is called. */
export function ringBack(): () => void {
  return playTune(RINGBACK_TUNE, true);
}

function ringAloud(): () => void {
  const tone = ringTone.value;
  if (tone === 'silent') return () => undefined;
  let stopTune: StopTune | undefined;
  let release: (() => void) | undefined;
  const over = new AbortController();
  const play = () => {
    stopTune = playTune(RING_TUNES[tone], true);
    return new Promise<void>((resolve) => {
      release = resolve;
    });
  };
  // A tab that may not make a sound must not keep another one silent.
  if (navigator.locks && audible()) {
    navigator.locks.request(RING_LOCK, { signal: over.signal }, play).catch(() => undefined);
  } else {
    void play();
  }
  return () => {
    over.abort();
    stopTune?.();
    release?.();
  };
}

function shake(): () => void {
  // Only phones have it, and only after a gesture; elsewhere it does nothing.
  if (!navigator.vibrate || !navigator.userActivation?.hasBeenActive) return () => undefined;
  const once = () => navigator.vibrate(SHAKE_MS);
  once();
  const timer = setInterval(
    once,
    SHAKE_MS.reduce((sum, part) => sum + part, 0),
  );
  return () => {
    clearInterval(timer);
    navigator.vibrate(0);
  };
}

function blinkTitle(call: Ringing): () => void {
  const usual = t('app.name');
  let on = false;
  const blink = () => {
    on = !on;
    document.title = on ? `● ${t('incoming.title', { name: call.name })}` : usual;
  };
  blink();
  const timer = setInterval(blink, BLINK_MS);
  return () => {
    clearInterval(timer);
    document.title = usual;
  };
}

function notify(call: Ringing): () => void {
  if (!document.hidden || typeof Notification === 'undefined' || Notification.permission !== 'granted') {
    return () => undefined;
  }
  try {
    const notification = new Notification(t('incoming.title', { name: call.name }), {
      body: t(call.video ? 'incoming.video' : 'incoming.audio'),
      icon: '/favicon.svg',
      requireInteraction: true,
      // Several tabs replace each other's notification instead of piling them up.
      ...(call.callId === undefined ? {} : { tag: call.callId }),
    });
    notification.onclick = () => {
      window.focus();
      notification.close();
    };
    return () => notification.close();
  } catch {
    // Phones only allow notifications from a service worker.
    return () => undefined;
  }
}
