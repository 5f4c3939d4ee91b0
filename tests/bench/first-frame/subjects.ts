/**
 * The two that are compared, on the same two pages: the SDK with the real service between them, and bare connections
 * that hear of each other by the fastest way that pages have. What runs in a page is plain text for Playwright: nothing
 * outside of a function may be named in it.
 */
import type { Call, RingdownClient } from '@ringdown/client';
import type { Page } from 'playwright-core';
import type { Account } from '../../e2e/harness/accounts.ts';

/** One way to call. All of it can be repeated. */
export interface Subject {
  readonly name: string;
  /** The first page dials; resolves when the second can accept, and everything that the first had to say was heard. */
  ring(): Promise<void>;
  /** The second page accepts. @returns ms until the first frame of the first page was decoded there */
  accept(): Promise<number>;
  /** Ends the call; resolves when both pages have let go of everything. */
  end(): Promise<void>;
}

/** What {@link installStopwatch} leaves on a page. */
interface Stopwatch {
  /** Resolves with the time of the first decoded frame, as `performance.now()`. */
  firstFrame(track: MediaStreamTrack): Promise<number>;
  /** When each call of the browser's was made and had its answer, ms since `startedAtMs`. */
  steps: string[];
  startedAtMs: number;
}
interface MeasuredWindow {
  stopwatch: Stopwatch;
}
interface FrameReader {
  readonly readable: ReadableStream<VideoFrame>;
}

/** Puts a stopwatch on a page. @param withSteps whether it also notes what is asked of the browser, which costs a little */
export function installStopwatch(page: Page, withSteps: boolean): Promise<void> {
  return page.evaluate((noting) => {
    const here = globalThis as unknown as MeasuredWindow & {
      MediaStreamTrackProcessor: new (init: { track: MediaStreamTrack }) => FrameReader;
    };
    const stopwatch: Stopwatch = {
      async firstFrame(track) {
        const reader = new here.MediaStreamTrackProcessor({ track }).readable.getReader();
        const { value } = await reader.read();
        const atMs = performance.now();
        value?.close();
        await reader.cancel();
        return atMs;
      },
      steps: [],
      startedAtMs: 0,
    };
    here.stopwatch = stopwatch;
    if (!noting) return;
    const note = (holder: object, name: string) => {
      const functions = holder as Record<string, (...args: unknown[]) => Promise<unknown>>;
      const original = functions[name] as (...args: unknown[]) => Promise<unknown>;
      functions[name] = async function (this: unknown, ...args) {
        const from = Math.round(performance.now() - stopwatch.startedAtMs);
        const result = await original.apply(this, args);
        stopwatch.steps.push(`${name} ${from}–${Math.round(performance.now() - stopwatch.startedAtMs)}`);
        return result;
      };
    };
    note(navigator.mediaDevices, 'getUserMedia');
    for (const name of ['setRemoteDescription', 'createAnswer', 'setLocalDescription', 'addIceCandidate']) {
      note(RTCPeerConnection.prototype, name);
    }
    const Original = RTCPeerConnection;
    globalThis.RTCPeerConnection = class extends Original {
      constructor(configuration?: RTCConfiguration) {
        super(configuration);
        this.addEventListener('connectionstatechange', () => {
          stopwatch.steps.push(`${this.connectionState} ${Math.round(performance.now() - stopwatch.startedAtMs)}`);
        });
      }
    };
  }, withSteps);
}

/** What was noted on a page since the last time it was asked for. */
export function takeSteps(page: Page): Promise<string[]> {
  return page.evaluate(() => (globalThis as unknown as MeasuredWindow).stopwatch.steps.splice(0));
}

/** The SDK. @param sdk code that puts `RingdownClient` on a page */
export async function withSdk(sdk: string, pages: [Page, Page], people: [Account, Account]): Promise<Subject> {
  interface SdkWindow extends MeasuredWindow {
    RingdownClient: typeof RingdownClient;
    client: RingdownClient;
    ringing: Promise<Call>;
  }
  for (const [index, page] of pages.entries()) {
    await page.evaluate(sdk);
    await page.evaluate(
      async (token) => {
        const here = globalThis as unknown as SdkWindow;
        here.client = new here.RingdownClient({ url: location.origin, token: () => token });
        await here.client.connect();
      },
      people[index as 0 | 1].token,
    );
  }
  const [caller, callee] = pages;
  return {
    name: 'SDK',
    async ring() {
      await callee.evaluate(() => {
        const here = globalThis as unknown as SdkWindow;
        here.ringing = new Promise((rings) => {
          const stop = here.client.on('incoming', (call) => {
            stop();
            rings(call);
          });
        });
      });
      await caller.evaluate(async (userId) => {
        await (globalThis as unknown as SdkWindow).client.call(userId);
      }, people[1].id);
      await callee.evaluate(async () => {
        await (globalThis as unknown as SdkWindow).ringing;
      });
    },
    accept: () =>
      callee.evaluate(async () => {
        const { client, stopwatch } = globalThis as unknown as SdkWindow;
        const call = client.activeCall as Call;
        const frame = new Promise<number>((found) => {
          const stop = call.on('streams', () => {
            const [track] = call.remoteStream?.getVideoTracks() ?? [];
            if (!track) return;
            stop();
            found(stopwatch.firstFrame(track));
          });
        });
        stopwatch.startedAtMs = performance.now();
        call.accept().catch(() => undefined);
        return (await frame) - stopwatch.startedAtMs;
      }),
    async end() {
      const over = (page: Page) =>
        page.evaluate(async () => {
          const { client } = globalThis as unknown as SdkWindow;
          const call = client.activeCall;
          if (call) await new Promise((ended) => call.on('ended', ended));
        });
      const ended = over(caller);
      await callee.evaluate(() => (globalThis as unknown as SdkWindow).client.activeCall?.hangUp());
      await ended;
    },
  };
}

/** Bare connections. Descriptions and candidates go by a BroadcastChannel, from page to page. */
export async function withBareConnections(pages: [Page, Page]): Promise<Subject> {
  type Word = { description: RTCSessionDescriptionInit } | { candidate: RTCIceCandidateInit | null };
  interface BareWindow extends MeasuredWindow {
    bare: {
      channel: BroadcastChannel;
      peer: RTCPeerConnection | undefined;
      stream: MediaStream | undefined;
      /** What came before there was a connection. */
      early: Word[];
      hear: (word: Word) => Promise<void>;
      /** Resolves when the other page has no more candidates. */
      heardAll: Promise<void>;
      /** From now on {@link heardAll} is about the next call. */
      expectCall: () => void;
      open: () => Promise<RTCPeerConnection>;
    };
  }
  for (const page of pages) {
    await page.evaluate(() => {
      const here = globalThis as unknown as BareWindow;
      const channel = new BroadcastChannel('bare');
      let heardAll: () => void = () => undefined;
      const bare: BareWindow['bare'] = {
        channel,
        peer: undefined,
        stream: undefined,
        early: [],
        async hear(word) {
          if (!bare.peer) bare.early.push(word);
          else if ('candidate' in word) await bare.peer.addIceCandidate(word.candidate ?? undefined);
          else await bare.peer.setRemoteDescription(word.description);
        },
        heardAll: Promise.resolve(),
        expectCall() {
          bare.heardAll = new Promise<void>((resolve) => {
            heardAll = resolve;
          });
        },
        async open() {
          bare.stream = await navigator.mediaDevices.getUserMedia({
            audio: true,
            video: { width: { ideal: 1280 }, height: { ideal: 720 }, facingMode: 'user' },
          });
          const peer = new RTCPeerConnection({ iceServers: [] });
          peer.onicecandidate = ({ candidate }) => channel.postMessage({ candidate: candidate?.toJSON() ?? null });
          for (const track of bare.stream.getTracks()) peer.addTrack(track, bare.stream);
          return peer;
        },
      };
      here.bare = bare;
      // One word after the other: a candidate must not overtake its description.
      let last: Promise<void> = Promise.resolve();
      channel.onmessage = ({ data }) => {
        if ('candidate' in data && data.candidate === null) heardAll();
        last = last.then(() => bare.hear(data));
      };
    });
  }
  const [caller, callee] = pages;
  return {
    name: 'bare connections',
    async ring() {
      await callee.evaluate(() => (globalThis as unknown as BareWindow).bare.expectCall());
      await caller.evaluate(async () => {
        const { bare } = globalThis as unknown as BareWindow;
        bare.peer = await bare.open();
        await bare.peer.setLocalDescription(await bare.peer.createOffer());
        bare.channel.postMessage({ description: bare.peer.localDescription?.toJSON() });
      });
      await callee.evaluate(async () => {
        await (globalThis as unknown as BareWindow).bare.heardAll;
      });
    },
    accept: () =>
      callee.evaluate(async () => {
        const { bare, stopwatch } = globalThis as unknown as BareWindow;
        stopwatch.startedAtMs = performance.now();
        const peer = await bare.open();
        const frame = new Promise<number>((found) => {
          peer.ontrack = ({ track }) => {
            if (track.kind === 'video') found(stopwatch.firstFrame(track));
          };
        });
        bare.peer = peer;
        const early = bare.early
          .splice(0)
          .sort((one, other) => Number('candidate' in one) - Number('candidate' in other));
        const [offer, ...candidates] = early;
        if (offer) await bare.hear(offer);
        await peer.setLocalDescription(await peer.createAnswer());
        bare.channel.postMessage({ description: peer.localDescription?.toJSON() });
        for (const candidate of candidates) void bare.hear(candidate);
        return (await frame) - stopwatch.startedAtMs;
      }),
    async end() {
      for (const page of pages) {
        await page.evaluate(() => {
          const { bare } = globalThis as unknown as BareWindow;
          bare.peer?.close();
          bare.peer = undefined;
          bare.early.length = 0;
          for (const track of bare.stream?.getTracks() ?? []) track.stop();
        });
      }
    },
  };
}
