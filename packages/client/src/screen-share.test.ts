import { describe, expect, it } from 'vitest';
import { RingdownError } from './errors.ts';
import { FakeMedia, FakeTrack } from './fake-media.ts';
import { ScreenShare } from './screen-share.ts';

function setUp() {
  const media = new FakeMedia();
  /** What is on the line, over time. */
  const line: (MediaStreamTrack | null)[] = [];
  const state = { over: false, changes: 0, refuse: undefined as RingdownError | undefined };
  const screen = new ScreenShare({
    platform: media,
    onLine: async (track) => {
      line.push(track);
      if (track && state.refuse) throw state.refuse;
    },
    isOver: () => state.over,
    onChange: () => {
      state.changes += 1;
    },
  });
  return { media, line, state, screen };
}
const picture = () => new FakeTrack('video') as unknown as MediaStreamTrack;
const shared = (media: FakeMedia) => media.tracks[0] as FakeTrack & MediaStreamTrack;

describe('the screen', () => {
  it('takes the place of the camera, and the camera its place again', async () => {
    const { media, line, state, screen } = setUp();
    const camera = picture();
    await screen.camera(camera);
    await screen.start();
    expect(screen.stream?.getTracks()).toEqual([shared(media)]);
    screen.stop();
    screen.stop();
    expect(line).toEqual([camera, shared(media), camera]);
    expect(shared(media).readyState).toBe('ended');
    expect([screen.stream, state.changes]).toEqual([undefined, 2]);
  });

  it('is asked for without sound, and sent for letters rather than for movement', async () => {
    const { media, screen } = setUp();
    await screen.start();
    expect(media.screenRequests).toEqual([{ video: { frameRate: { ideal: 15, max: 30 } }, audio: false }]);
    expect(shared(media).contentHint).toBe('detail');
  });

  it('a camera that changes while the screen is shared is sent afterwards', async () => {
    const { media, line, screen } = setUp();
    await screen.camera(picture());
    await screen.start();
    const other = picture();
    await screen.camera(null);
    await screen.camera(other);
    expect(line.at(-1)).toBe(shared(media));
    screen.stop();
    expect(line.at(-1)).toBe(other);
  });

  it("the browser's own button to stop sharing does the same", async () => {
    const { media, line, screen } = setUp();
    await screen.start();
    shared(media).unplug();
    expect(line.at(-1)).toBeNull();
    expect(screen.stream).toBeUndefined();
  });

  it('is asked for once, however often it is started', async () => {
    const { media, screen } = setUp();
    await Promise.all([screen.start(), screen.start()]);
    await screen.start();
    expect(media.screenRequests).toHaveLength(1);
  });

  it.each([
    ['NotAllowedError', 'permission_denied'],
    ['InvalidStateError', 'permission_denied'],
    ['NotReadableError', 'device_busy'],
    ['TypeError', 'unsupported'],
  ])('%s means %s, and the camera stays', async (name, code) => {
    const { media, line, screen } = setUp();
    const camera = picture();
    await screen.camera(camera);
    media.screenRefusal = name;
    await expect(screen.start()).rejects.toMatchObject({ name: 'RingdownError', code });
    expect(line).toEqual([camera]);
    media.screenRefusal = undefined;
    await screen.start();
    expect(screen.stream).toBeDefined();
  });

  it('a call that can get no picture lets go of it at once', async () => {
    const { media, line, state, screen } = setUp();
    state.refuse = new RingdownError('unsupported', 'no line');
    await expect(screen.start()).rejects.toBe(state.refuse);
    expect(shared(media).readyState).toBe('ended');
    expect([line.at(-1), screen.stream]).toEqual([null, undefined]);
  });

  it('one that was chosen after the end of the call is let go', async () => {
    const { media, state, screen } = setUp();
    let choose: () => void = () => undefined;
    media.prompt = new Promise((resolve) => {
      choose = resolve;
    });
    const started = screen.start();
    state.over = true;
    choose();
    await expect(started).rejects.toMatchObject({ code: 'call_ended' });
    expect(shared(media).readyState).toBe('ended');
  });

  it('is let go with the call', async () => {
    const { media, screen } = setUp();
    await screen.start();
    screen.close();
    screen.close();
    expect([shared(media).readyState, screen.stream]).toEqual(['ended', undefined]);
  });
});
