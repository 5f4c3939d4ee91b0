/** What an incoming call sounds like: a tone made by WebAudio, or the application's own file. Touches sound alone. */
import { audioOf, browserSoundPage, type SoundPage, unlockAudio } from './autoplay.ts';
import { RingdownError } from './errors.ts';

/** What rings. */
export interface RingTone {
  /** A sound file, on this origin or with CORS; without one it is the tone of the SDK. */
  readonly url?: string | URL;
  /** From 0, silent, to 1; default 0.5. */
  readonly volume?: number;
}

/** Plays tones, as far as the ringer needs it. */
export interface TonePlayer {
  /** Has the first gesture of the person allow sound; to be called long before there is a call. */
  unlock(signal: AbortSignal): void;
  /** Resolves with true as soon as a tone would be heard, with false when `signal` was aborted first. Never rejects. */
  whenHeard(signal: AbortSignal): Promise<boolean>;
  /**
   * Plays a tone again and again.
   * @param onProblem is told when the file cannot be played; the SDK's own tone plays instead
   * @returns silences it at once. Idempotent
   */
  loop(tone: RingTone, onProblem: (error: RingdownError) => void): () => void;
}

const VOLUME = 0.5;
/** How long one round of the own tone is, seconds. */
const ROUND_S = 3;
/** The own tone: a fourth up and down, twice. When each note begins, in seconds, and its pitch, in Hz. */
const NOTES = [
  [0, 659.26],
  [0.16, 880],
  [0.32, 659.26],
  [0.48, 880],
] as const;
/** How fast a note dies away: after this long, seconds, it has a third of its loudness. */
const DECAY_S = 0.22;

/** Plays tones on a page. */
export function tonePlayerOf(page: SoundPage): TonePlayer {
  return {
    unlock: (signal) => void unlockAudio(signal, page),
    whenHeard(signal) {
      // An installed page, or one that is often heard, may need no gesture; only a context can tell.
      audioOf(page);
      return unlockAudio(signal, page);
    },
    loop(tone, onProblem) {
      const context = audioOf(page);
      if (!context) return () => undefined;
      let source: AudioBufferSourceNode | undefined;
      let stopped = false;
      const gain = context.createGain();
      gain.gain.value = tone.volume ?? VOLUME;
      gain.connect(context.destination);
      const play = (buffer: AudioBuffer) => {
        if (stopped) return;
        source = context.createBufferSource();
        source.buffer = buffer;
        source.loop = true;
        source.connect(gain);
        source.start();
      };
      if (tone.url === undefined) play(ownTone(context));
      else {
        load(context, tone.url).then(play, (cause: unknown) => {
          play(ownTone(context));
          onProblem(new RingdownError('ring_tone_unavailable', 'The ring tone could not be loaded.', { cause }));
        });
      }
      return () => {
        stopped = true;
        source?.stop();
        gain.disconnect();
      };
    },
  };
}

/** Plays tones on the page this runs in. */
export const browserTones: TonePlayer = tonePlayerOf(browserSoundPage);

/** What is no sound, as the page that says that there is none, cannot be decoded. */
async function load(context: AudioContext, url: string | URL): Promise<AudioBuffer> {
  return await context.decodeAudioData(await (await fetch(url)).arrayBuffer());
}

function ownTone(context: AudioContext): AudioBuffer {
  const { sampleRate } = context;
  const buffer = context.createBuffer(1, ROUND_S * sampleRate, sampleRate);
  buffer.copyToChannel(ownSamples(sampleRate), 0);
  return buffer;
}

/** One round of the own tone. Its end is silent, so that it can begin again without a click. Pure. */
export function ownSamples(sampleRate: number): Float32Array<ArrayBuffer> {
  const samples = new Float32Array(ROUND_S * sampleRate);
  for (const [startS, frequencyHz] of NOTES) {
    const start = Math.round(startS * sampleRate);
    for (let index = start; index < samples.length; index += 1) {
      const t = (index - start) / sampleRate;
      // A quiet octave above makes a bell of what would be a test tone; the first 5 ms rise, against a click.
      const wave = Math.sin(2 * Math.PI * frequencyHz * t) + 0.25 * Math.sin(4 * Math.PI * frequencyHz * t);
      samples[index] = (samples[index] ?? 0) + 0.35 * wave * Math.exp(-t / DECAY_S) * Math.min(1, t / 0.005);
    }
  }
  return samples;
}
