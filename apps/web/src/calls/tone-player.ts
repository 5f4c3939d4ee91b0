/** Plays tunes with WebAudio, without any file. A browser that does not allow sound yet simply stays silent. */
import type { TonePlayer } from '@ringdown/client/ringing';
import { ringTone } from '../settings/preferences.ts';
import { type Note, RING_TUNES, type Tune } from './tones.ts';

/** Ends a tune. Idempotent. */
export type StopTune = () => void;

let context: AudioContext | undefined;

function audio(): AudioContext | undefined {
  try {
    context ??= new AudioContext();
    // Before the first gesture this stays pending; afterwards the sound sets in.
    if (context.state !== 'running') void context.resume().catch(() => undefined);
    return context;
  } catch {
    return undefined;
  }
}

/** Prepares sound at the first gestures of the person, because browsers allow it only then. */
export function unlockAudio(): void {
  const unlock = () => {
    audio();
    if (context?.state === 'running') {
      for (const event of GESTURES) removeEventListener(event, unlock, true);
    }
  };
  for (const event of GESTURES) addEventListener(event, unlock, true);
}
const GESTURES = ['pointerup', 'keydown'] as const;

/** The app's own tunes for the SDK's ringer, which knows when to ring and in which tab. */
export const ringTunes: TonePlayer = {
  // The whole page is unlocked by {@link unlockAudio} already.
  unlock: () => undefined,
  async whenHeard(signal) {
    const output = audio();
    if (!output) return false;
    while (output.state !== 'running' && !signal.aborted) await stateChange(output, signal);
    return !signal.aborted;
  },
  loop() {
    const tone = ringTone.value;
    return tone === 'silent' ? () => undefined : playTune(RING_TUNES[tone], true);
  },
};

function stateChange(context: AudioContext, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      context.removeEventListener('statechange', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    context.addEventListener('statechange', done);
    signal.addEventListener('abort', done);
  });
}

/**
 * Plays a tune, once or again and again.
 * @param tune what to play
 * @param loop whether it starts again
 */
export function playTune(tune: Tune, loop: boolean): StopTune {
  const playing = new Set<OscillatorNode>();
  const round = () => {
    const output = audio();
    // A suspended context would play all the rounds it was given at once when it wakes.
    if (output?.state !== 'running') return;
    for (const note of tune.notes) strike(output, note, playing);
  };
  round();
  const timer = loop ? setInterval(round, tune.periodMs) : undefined;
  return () => {
    clearInterval(timer);
    for (const oscillator of playing) oscillator.stop();
    playing.clear();
  };
}

function strike(output: AudioContext, note: Note, playing: Set<OscillatorNode>): void {
  const start = output.currentTime + 0.02 + note.atMs / 1000;
  const end = start + note.lengthMs / 1000;
  const volume = output.createGain();
  volume.connect(output.destination);
  volume.gain.setValueAtTime(0, start);
  volume.gain.linearRampToValueAtTime(note.level, start + (note.kind === 'bell' ? 0.006 : 0.03));
  if (note.kind === 'bell') {
    volume.gain.exponentialRampToValueAtTime(0.0005, end);
  } else {
    volume.gain.setValueAtTime(note.level, end - 0.04);
    volume.gain.linearRampToValueAtTime(0, end);
  }
  // A quiet octave above makes a bell of what would be a test tone.
  const partials = note.kind === 'bell' ? [1, 2.01] : [1];
  for (const [index, ratio] of partials.entries()) {
    const oscillator = output.createOscillator();
    oscillator.frequency.value = note.frequencyHz * ratio;
    const share = output.createGain();
    share.gain.value = index === 0 ? 0.8 : 0.2;
    oscillator.connect(share).connect(volume);
    oscillator.start(start);
    oscillator.stop(end);
    playing.add(oscillator);
    oscillator.onended = () => {
      playing.delete(oscillator);
      if (index === 0) volume.disconnect();
      share.disconnect();
    };
  }
}
