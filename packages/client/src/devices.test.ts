import { describe, expect, it } from 'vitest';
import { listDevices, type MediaDevice, nextCamera } from './devices.ts';
import { FakeMedia } from './fake-media.ts';

describe('devices', () => {
  it('are listed by kind, name and id; those that the browser does not tell apart yet are left out', async () => {
    const media = new FakeMedia();
    media.devices = [
      ...media.devices,
      { kind: 'videoinput', deviceId: '', label: '' },
      { kind: 'audioinput', deviceId: 'default', label: 'Default' },
    ];
    expect(await listDevices(media)).toEqual([
      { kind: 'microphone', deviceId: 'mic-1', label: 'Fake microphone' },
      { kind: 'camera', deviceId: 'cam-1', label: 'Fake camera' },
      { kind: 'speaker', deviceId: 'out-1', label: 'Fake loudspeaker' },
      { kind: 'microphone', deviceId: 'default', label: 'Default' },
    ]);
  });

  it('a page that may not ask for devices has none', async () => {
    expect(await listDevices({ enumerateDevices: () => Promise.reject(new TypeError('no mediaDevices')) })).toEqual([]);
  });

  const camera = (deviceId: string): MediaDevice => ({ kind: 'camera', deviceId, label: '' });
  const speaker: MediaDevice = { kind: 'speaker', deviceId: 'a', label: '' };
  it.each([
    ['a phone that looks at the person', { facingMode: 'user', deviceId: 'a' }, [camera('a')], { facing: 'back' }],
    ['a phone that looks away', { facingMode: 'environment' }, [camera('a')], { facing: 'front' }],
    ['the first of two', { deviceId: 'a' }, [camera('a'), speaker, camera('b')], { deviceId: 'b' }],
    ['the last of two', { deviceId: 'b' }, [camera('a'), speaker, camera('b')], { deviceId: 'a' }],
    ['the only one', { deviceId: 'a' }, [camera('a'), speaker], undefined],
    ['one that is not listed any more', { deviceId: 'z' }, [camera('a'), camera('b')], { deviceId: 'a' }],
    ['none', undefined, [camera('a'), camera('b')], { deviceId: 'a' }],
    ['none, where there is none', undefined, [speaker], undefined],
  ])('after %s comes the right camera', (_, settings, devices, next) => {
    expect(nextCamera(settings, devices)).toEqual(next);
  });
});
