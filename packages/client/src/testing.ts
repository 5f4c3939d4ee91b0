/** Doubles for applications that test against the SDK without a browser, a network or a service. */
export { FakeMedia, FakeStream, FakeTrack } from './fake-media.ts';
export { FakePeer, FakePeers } from './fake-peer.ts';
export { FakeService } from './fake-service.ts';
export { FakeBrowser, FakeTab } from './fake-tabs.ts';
export { FakeTones } from './fake-tones.ts';
export { type FakePair, type FakePerson, FakeWorld, reached } from './fake-world.ts';
