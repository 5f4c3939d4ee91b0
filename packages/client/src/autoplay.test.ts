import { describe, expect, it, vi } from 'vitest';
import { playRemote, type SoundPage, unlockAudio } from './autoplay.ts';
import type { RingdownError } from './errors.ts';
import { ownSamples, tonePlayerOf } from './ring-tone.ts';

/** An audio context that runs only after a gesture. */
class TestContext extends EventTarget {
  state: 'suspended' | 'running' = 'suspended';
  readonly sampleRate = 8_000;
  readonly destination = {};
  readonly sources: { buffer: unknown; loop: boolean; playing: boolean }[] = [];
  allowed = false;
  decoded: unknown;

  async resume(): Promise<void> {
    if (!this.allowed) throw new DOMException('no gesture', 'NotAllowedError');
    this.state = 'running';
    this.dispatchEvent(new Event('statechange'));
  }
  createGain() {
    return { gain: { value: 1 }, connect: () => undefined, disconnect: () => undefined };
  }
  createBuffer(_channels: number, length: number) {
    return { length, copyToChannel: () => undefined };
  }
  createBufferSource() {
    const source = {
      buffer: undefined as unknown,
      loop: false,
      playing: false,
      connect: () => undefined,
      start: () => {
        source.playing = true;
      },
      stop: () => {
        source.playing = false;
      },
    };
    this.sources.push(source);
    return source;
  }
  async decodeAudioData(data: ArrayBuffer) {
    if (data.byteLength === 0) throw new DOMException('no sound', 'EncodingError');
    this.decoded = { length: data.byteLength };
    return this.decoded;
  }
}

/** A page that may be touched. */
class TestPage implements SoundPage {
  readonly context: TestContext | undefined;
  readonly #listeners = new Set<() => void>();
  opened = 0;

  constructor(context: TestContext | undefined = new TestContext()) {
    this.context = context;
  }
  hasAudio() {
    return true;
  }
  openAudio(): AudioContext | undefined {
    this.opened += 1;
    return this.context as unknown as AudioContext | undefined;
  }
  onGesture(listener: () => void) {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
  get waiting(): number {
    return this.#listeners.size;
  }
  gesture(): void {
    if (this.context) this.context.allowed = true;
    for (const listener of [...this.#listeners]) listener();
  }
}

const withoutAudio = () => Object.assign(new TestPage(), { context: undefined });

/** A `<video>` that plays sound only after a gesture. */
class TestElement {
  srcObject: unknown = null;
  muted = false;
  playsInline = false;
  plays = 0;
  /** Name of the error that meets who plays with sound. */
  refusal: string | undefined;

  async play(): Promise<void> {
    this.plays += 1;
    if (this.refusal && !(this.muted && this.refusal === 'NotAllowedError')) throw new DOMException('no', this.refusal);
  }
}

const stream = {} as MediaStream;
function play(element: TestElement, page: SoundPage) {
  const told: (RingdownError['code'] | 'unblocked')[] = [];
  const stop = playRemote(element as unknown as HTMLMediaElement, stream, {
    page,
    onBlocked: (error) => told.push(error.code),
    onUnblocked: () => told.push('unblocked'),
  });
  return { told, stop };
}

describe('a page that may not be heard yet', () => {
  it('may be heard from the first gesture on, and opens no audio before', async () => {
    const page = new TestPage();
    const unlocked = unlockAudio(undefined, page);
    expect(page.opened).toBe(0);
    page.gesture();
    expect(await unlocked).toBe(true);
    expect(page.waiting).toBe(0);
  });

  it('goes on trying when a gesture was not enough', async () => {
    const page = new TestPage();
    const unlocked = unlockAudio(undefined, page);
    const { context } = page;
    const touch = vi.spyOn(context!, 'resume').mockRejectedValueOnce(new DOMException('not yet', 'NotAllowedError'));
    page.gesture();
    await Promise.resolve();
    expect(page.waiting).toBe(1);
    page.gesture();
    expect(await unlocked).toBe(true);
    expect(touch).toHaveBeenCalledTimes(2);
  });

  it('opens one audio context however often it is asked', async () => {
    const page = new TestPage();
    const asked = [unlockAudio(undefined, page), unlockAudio(undefined, page)];
    page.gesture();
    expect(await Promise.all(asked)).toEqual([true, true]);
    expect(page.opened).toBe(1);
  });

  it('stops waiting when it is told to', async () => {
    const page = new TestPage();
    const patience = new AbortController();
    const unlocked = unlockAudio(patience.signal, page);
    patience.abort();
    expect(await unlocked).toBe(false);
    expect(await unlockAudio(patience.signal, page)).toBe(false);
    expect(page.waiting).toBe(0);
  });

  it('is told where there is no audio at all', async () => {
    const page = withoutAudio();
    const unlocked = unlockAudio(undefined, page);
    page.gesture();
    expect(await unlocked).toBe(false);
    expect(await unlockAudio()).toBe(false);
  });
});

describe('playing the other side', () => {
  it('plays with sound where that is allowed, inline on a phone', async () => {
    const [element, page] = [new TestElement(), new TestPage()];
    const { told, stop } = play(element, page);
    await settle();
    expect(element).toMatchObject({ srcObject: stream, muted: false, playsInline: true, plays: 1 });
    expect(told).toEqual([]);
    expect(page.waiting).toBe(0);
    stop();
    expect(element.srcObject).toBeNull();
  });

  it('reports autoplay_blocked once, shows the picture in silence, and plays with sound at the next gesture', async () => {
    const [element, page] = [new TestElement(), new TestPage()];
    element.refusal = 'NotAllowedError';
    const { told } = play(element, page);
    await settle();
    expect(element.muted).toBe(true);
    page.gesture();
    await settle();
    expect(element.muted).toBe(true);
    expect(told).toEqual(['autoplay_blocked']);
    element.refusal = undefined;
    page.gesture();
    await settle();
    expect(element.muted).toBe(false);
    expect(told).toEqual(['autoplay_blocked', 'unblocked']);
    expect(page.waiting).toBe(0);
  });

  it('takes a change of stream for no refusal', async () => {
    const [element, page] = [new TestElement(), new TestPage()];
    element.refusal = 'AbortError';
    const { told } = play(element, page);
    await settle();
    expect(told).toEqual([]);
    expect(page.waiting).toBe(0);
  });

  it('lets go of the element and of gestures when it is stopped while it is blocked', async () => {
    const [element, page] = [new TestElement(), new TestPage()];
    element.refusal = 'NotAllowedError';
    const { told, stop } = play(element, page);
    await settle();
    stop();
    stop();
    element.refusal = undefined;
    page.gesture();
    await settle();
    expect(element).toMatchObject({ srcObject: null, muted: false });
    expect(told).toEqual(['autoplay_blocked']);
  });

  it('tells nothing more of a refusal that comes after it was stopped', async () => {
    const [element, page] = [new TestElement(), new TestPage()];
    element.refusal = 'NotAllowedError';
    const { told, stop } = play(element, page);
    stop();
    await settle();
    expect(told).toEqual([]);
    expect(page.waiting).toBe(0);
    expect(element.muted).toBe(false);
  });

  it('does not take a stream off that somebody else gave', () => {
    const [element, page] = [new TestElement(), new TestPage()];
    const { stop } = play(element, page);
    const other = {};
    element.srcObject = other;
    stop();
    expect(element.srcObject).toBe(other);
  });
});

describe('a ring tone', () => {
  const never = () => {
    throw new Error('no problem was expected');
  };

  it('is the own one, again and again, until it is stopped', () => {
    const page = new TestPage();
    const stop = tonePlayerOf(page).loop({}, never);
    expect(page.context!.sources).toMatchObject([{ loop: true, playing: true }]);
    stop();
    stop();
    expect(page.context!.sources).toMatchObject([{ playing: false }]);
  });

  it('is the file of the application', async () => {
    const page = new TestPage();
    vi.stubGlobal('fetch', async () => new Response('some sound'));
    tonePlayerOf(page).loop({ url: '/tune.ogg' }, never);
    await vi.waitFor(() => expect(page.context!.sources).toMatchObject([{ loop: true, playing: true }]));
    expect(page.context!.sources[0]!.buffer).toBe(page.context!.decoded);
  });

  it.each([
    ['is not there', async () => new Response('', { status: 404 })],
    ['is no sound', async () => new Response('')],
    ['cannot be reached', () => Promise.reject(new TypeError('no network'))],
  ])('is the own one when the file %s, which is reported', async (_why, fetch) => {
    const page = new TestPage();
    vi.stubGlobal('fetch', fetch);
    const problems: string[] = [];
    tonePlayerOf(page).loop({ url: '/tune.ogg' }, ({ code }) => problems.push(code));
    await vi.waitFor(() => expect(page.context!.sources).toMatchObject([{ playing: true }]));
    expect(problems).toEqual(['ring_tone_unavailable']);
  });

  it('does not begin when its file comes after the end', async () => {
    const page = new TestPage();
    const response = Promise.withResolvers<Response>();
    vi.stubGlobal('fetch', () => response.promise);
    const stop = tonePlayerOf(page).loop({ url: '/tune.ogg' }, never);
    stop();
    response.resolve(new Response('some sound'));
    await settle();
    expect(page.context!.sources).toEqual([]);
  });

  it('is nothing where there is no audio', () => {
    expect(() => tonePlayerOf(withoutAudio()).loop({}, never)()).not.toThrow();
  });

  it('may be heard without a gesture where the browser allows it', async () => {
    const page = new TestPage();
    page.context!.allowed = true;
    expect(await tonePlayerOf(page).whenHeard(new AbortController().signal)).toBe(true);
  });

  it('has samples that neither clip nor click where it begins again', () => {
    const samples = ownSamples(48_000);
    expect(samples).toHaveLength(144_000);
    expect(samples[0]).toBe(0);
    const loudest = samples.reduce((most, each) => Math.max(most, Math.abs(each)), 0);
    expect(loudest).toBeLessThan(1);
    expect(loudest).toBeGreaterThan(0.3);
    expect(Math.abs(samples.at(-1)!)).toBeLessThan(0.001);
  });
});

async function settle(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
}
