/** What tells a person, beside the tune, that somebody calls or has called: the shaking phone, the title, notifications. */
import { t } from '../i18n/language.ts';

/** Who calls, as far as the ringer tells. */
export interface Ringing {
  readonly callId: string | undefined;
  readonly name: string;
  readonly video: boolean;
}

const SHAKE_MS = [400, 200, 400, 1400];
const BLINK_MS = 1000;

/** Tells of a call until the returned function is called. */
export function announce(call: Ringing): () => void {
  const ends = [shake(), blinkTitle(call), notify(call)];
  return () => {
    for (const end of ends) end();
  };
}

/** Tells that somebody has called, when the page is not seen. */
export function notifyMissed(callId: string, name: string): void {
  notification(t('end.missed', { name }), { tag: callId });
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
  const shown = notification(t('incoming.title', { name: call.name }), {
    body: t(call.video ? 'incoming.video' : 'incoming.audio'),
    requireInteraction: true,
    // Several tabs replace each other's notification instead of piling them up.
    ...(call.callId === undefined ? {} : { tag: call.callId }),
  });
  return () => shown?.close();
}

function notification(title: string, options: NotificationOptions): Notification | undefined {
  if (!document.hidden || typeof Notification === 'undefined' || Notification.permission !== 'granted')
    return undefined;
  try {
    const shown = new Notification(title, { icon: '/favicon.svg', ...options });
    shown.onclick = () => {
      window.focus();
      shown.close();
    };
    return shown;
  } catch {
    // Phones only allow notifications from a service worker.
    return undefined;
  }
}
