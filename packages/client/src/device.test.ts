import { describe, expect, it, vi } from 'vitest';
import { Device } from './device.ts';
import { RingdownError } from './errors.ts';
import { FakeMedia, FakeStream, type FakeTrack } from './fake-media.ts';

/** A device of a call that has opened it already, or not. */
async function setUp(kind: 'audio' | 'video', { open = true } = {}) {
  const media = new FakeMedia();
  media.devices = [
    { kind: 'audioinput', deviceId: 'mic-1', label: '' },
    { kind: 'audioinput', deviceId: 'mic-2', label: '' },
    { kind: 'videoinput', deviceId: 'cam-1', label: '' },
    { kind: 'videoinput', deviceId: 'cam-2', label: '' },
  ];
  const stream = new FakeStream();
  const state = {
    over: false,
    lost: [] as boolean[],
    refuse: undefined as RingdownError | undefined,
    /** What the other side sees. */
    line: null as MediaStreamTrack | null,
    /** What was taken off the line, in order. */
    released: [] as MediaStreamTrack[],
    /** When set, a track gets on the line no sooner. */
    slowly: undefined as Promise<void> | undefined,
  };
  let timer: (() => void) | undefined;
  const device = new Device({
    kind,
    platform: {
      getUserMedia: media.getUserMedia,
      setTimer: (run) => {
        timer = run;
        return () => {
          timer = undefined;
        };
      },
    },
    stream: () => stream as unknown as MediaStream,
    onTrack: async (track) => {
      stream.addTrack(track as unknown as FakeTrack);
      if (state.refuse) throw state.refuse;
      await state.slowly;
      state.line = track;
    },
    onReleased: (track) => {
      stream.removeTrack(track as unknown as FakeTrack);
      state.line = null;
      state.released.push(track);
    },
    isOver: () => state.over,
    onChange: () => undefined,
    onLost: (wasOn) => state.lost.push(wasOn),
  });
  if (open) await device.turnOn();
  return { media, stream, state, device, passTime: () => timer?.(), track: () => stream.getTracks()[0] };
}

describe('a device', () => {
  it('is replaced by another one, and the former is let go', async () => {
    const { media, stream, device, track } = await setUp('video');
    await device.use({ deviceId: 'cam-2' });
    expect(stream.getTracks()).toHaveLength(1);
    expect(track()?.getSettings().deviceId).toBe('cam-2');
    expect(device.settings?.deviceId).toBe('cam-2');
    expect(media.tracks.map(({ readyState }) => readyState)).toEqual(['ended', 'live']);
    expect(device.on).toBe(true);
  });

  it('that is muted stays muted when it is replaced', async () => {
    const { device, track } = await setUp('audio');
    device.turnOff();
    await device.use({ deviceId: 'mic-2' });
    expect([track()?.getSettings().deviceId, device.on]).toEqual(['mic-2', false]);
  });

  it('that was chosen while it was off is used when it is turned on', async () => {
    const { media, device, track } = await setUp('video', { open: false });
    await device.use({ deviceId: 'cam-2' });
    expect(media.requests).toEqual([]);
    await device.turnOn();
    expect(track()?.getSettings().deviceId).toBe('cam-2');
  });

  it('a camera that was turned off a moment ago is not opened by choosing another', async () => {
    const { media, device, track } = await setUp('video');
    device.turnOff();
    await device.use({ deviceId: 'cam-2' });
    expect([media.requests.length, track()]).toEqual([1, undefined]);
    await device.turnOn();
    expect(track()?.getSettings().deviceId).toBe('cam-2');
  });

  it.each([
    [{ facing: 'front' as const }, { facingMode: 'user' }],
    [{ facing: 'back' as const }, { facingMode: { exact: 'environment' } }],
    [{ deviceId: 'cam-2' }, { deviceId: { exact: 'cam-2' } }],
    [undefined, { facingMode: 'user' }],
  ])('%j is asked for as %j', async (choice, constraints) => {
    const { media, device } = await setUp('video');
    await device.use(choice);
    expect(media.requests.at(-1)?.video).toEqual({ width: { ideal: 1280 }, height: { ideal: 720 }, ...constraints });
  });

  it('that is not there leaves the former in use, also later', async () => {
    const { device, track } = await setUp('video');
    const former = track();
    await expect(device.use({ deviceId: 'gone' })).rejects.toMatchObject({ code: 'device_not_found' });
    expect([track(), device.on]).toEqual([former, true]);
    device.release();
    await device.turnOn();
    expect(track()?.getSettings().deviceId).toBe('cam-1');
  });

  it('where only one camera can be open, the former is let go first', async () => {
    const { media, device, track } = await setUp('video');
    media.refusal = () =>
      media.tracks.some(({ readyState }) => readyState === 'live') ? 'NotReadableError' : undefined;
    await device.use({ facing: 'back' });
    expect(media.tracks.map(({ readyState }) => readyState)).toEqual(['ended', 'live']);
    expect([track(), device.on]).toEqual([media.tracks[1], true]);
  });

  it('where only one can be open and the other does not work, the former is opened again', async () => {
    const { media, device, track } = await setUp('video');
    media.refusal = ({ video }) =>
      JSON.stringify(video).includes('cam-2') || track() !== undefined ? 'NotReadableError' : undefined;
    await expect(device.use({ deviceId: 'cam-2' })).rejects.toMatchObject({ code: 'device_busy' });
    expect([track()?.getSettings().deviceId, device.on]).toEqual(['cam-1', true]);
  });

  it('that is unplugged is off, is told, and is not looked for any more', async () => {
    const { state, device, track } = await setUp('audio');
    await device.use({ deviceId: 'mic-2' });
    track()?.unplug();
    expect([state.lost, device.on, track()]).toEqual([[true], false, undefined]);
    await device.turnOn();
    expect(track()?.getSettings().deviceId).toBe('mic-1');
  });

  it('that is unplugged while it is muted is told as off', async () => {
    const { state, device, track } = await setUp('audio');
    device.turnOff();
    track()?.unplug();
    expect(state.lost).toEqual([false]);
  });

  it('that was replaced or let go is no loss', async () => {
    const { media, state, device } = await setUp('audio');
    await device.use({ deviceId: 'mic-2' });
    media.tracks[0]?.unplug();
    state.over = true;
    media.tracks[1]?.unplug();
    expect(state.lost).toEqual([]);
  });

  it('that nobody could be shown is let go at once', async () => {
    const { media, state, device, track } = await setUp('video', { open: false });
    state.refuse = new RingdownError('unsupported', 'no line');
    await expect(device.turnOn()).rejects.toBe(state.refuse);
    expect([media.tracks[0]?.readyState, track(), device.on]).toEqual(['ended', undefined, false]);
  });

  it('a camera that is turned off while another one is asked for takes nothing but itself off the line', async () => {
    const { media, state, device, passTime, track } = await setUp('video');
    let grant = () => {};
    media.prompt = new Promise((resolve) => {
      grant = resolve;
    });
    let arrive = () => {};
    state.slowly = new Promise((resolve) => {
      arrive = resolve;
    });
    const switching = device.use({ deviceId: 'cam-2' });
    await vi.waitFor(() => expect(media.requests).toHaveLength(2));
    device.turnOff();
    grant();
    await vi.waitFor(() => expect(media.tracks[0]?.readyState).toBe('ended'));
    passTime();
    expect(state.released).toEqual([media.tracks[0]]);
    arrive();
    await switching;
    passTime();
    await device.turnOn();
    expect([state.line, device.on]).toEqual([track(), true]);
  });

  it.each([true, false])(
    'a camera that is not wanted any more when it is granted is let go a second later (was open: %s)',
    async (open) => {
      const { media, device, passTime, track } = await setUp('video', { open });
      let grant = () => {};
      media.prompt = new Promise((resolve) => {
        grant = resolve;
      });
      const before = media.requests.length;
      const asking = open ? device.use({ deviceId: 'cam-2' }) : device.turnOn();
      await vi.waitFor(() => expect(media.requests).toHaveLength(before + 1));
      device.turnOff();
      grant();
      await asking;
      expect([track()?.readyState, track()?.enabled]).toEqual(['live', false]);
      passTime();
      expect(track()).toBeUndefined();
      expect(media.tracks.map(({ readyState }) => readyState)).toEqual(media.tracks.map(() => 'ended'));
    },
  );

  it('a microphone that is not wanted any more when it is granted is muted', async () => {
    const { device, track } = await setUp('audio', { open: false });
    const asking = device.turnOn();
    device.turnOff();
    await asking;
    expect([track()?.readyState, device.on]).toEqual(['live', false]);
  });
});
