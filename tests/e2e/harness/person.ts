/** A person in front of a browser: what they see, and what they do, in the app's own words. */
import type { RingdownClient } from '@ringdown/client';
import type { BrowserContext, Locator, Page } from 'playwright-core';
import type { Account } from './accounts.ts';

/** How long anything on the screen may take. The machine may be slow; a test that waits this long has failed. */
const PATIENCE_MS = 20_000;
/** What WebRTC counts in a second of sound. */
const SAMPLES_A_SECOND = 48_000;

/** What the app shows of itself to tests when `ringdown.debug` is set. */
interface DebugWindow {
  __ringdown?: { client: RingdownClient };
  /** Counted by {@link countMediaUse}. */
  mediaUse?: { connections: number; cameras: number };
}

/** One browser, with one person signed in to it or not yet. */
export class Person {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What went wrong on the page so far: uncaught errors, messages of the console's level `error`, foreign requests. */
  readonly faults: string[] = [];
  #expected: RegExp[] = [];

  /** @param context a fresh one, or one in which the person has been before */
  private constructor(context: BrowserContext, page: Page) {
    this.context = context;
    this.page = page;
  }

  /** Opens the app. @param url of the service, or of a cable to it */
  static async at(url: string, context: BrowserContext): Promise<Person> {
    await context.addInitScript(() => {
      // Also runs in blank pages, where Firefox has no storage.
      if (location.protocol.startsWith('http')) localStorage.setItem('ringdown.debug', '1');
    });
    context.setDefaultTimeout(PATIENCE_MS);
    const page = await context.newPage();
    const person = new Person(context, page);
    page.on('pageerror', (error) => person.#note(`uncaught: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error') person.#note(`${message.text()} (${message.location().url})`);
    });
    // The app speaks to its own service and to nobody else (T30).
    const own = new URL(url).host;
    page.on('request', (request) => {
      const { protocol, host } = new URL(request.url());
      if (/^(http|ws)s?:$/.test(protocol) && host !== own) person.#note(`asked another host: ${host}`);
    });
    await page.goto(url);
    return person;
  }

  /** Faults of this kind belong to the test, e.g. the broken connections when a cable is pulled. */
  expectFaults(kind: RegExp): void {
    this.#expected.push(kind);
  }

  #note(fault: string): void {
    if (!this.#expected.some((kind) => kind.test(fault))) this.faults.push(fault);
  }

  /** An element by its test id; the first one that can be seen. */
  see(testId: string): Locator {
    return this.page.getByTestId(testId).filter({ visible: true }).first();
  }

  /** Waits until it is on the screen. */
  async sees(testId: string): Promise<void> {
    await this.see(testId).waitFor();
  }

  /** Waits until it is not on the screen any more. */
  async seesNo(testId: string): Promise<void> {
    await this.page.getByTestId(testId).filter({ visible: true }).waitFor({ state: 'detached' });
  }

  async press(testId: string): Promise<void> {
    await this.see(testId).click();
  }

  async type(testId: string, text: string): Promise<void> {
    await this.see(testId).fill(text);
  }

  // ------------------------------------------------------------------------------------------------------- accounts

  async signUp(username: string, password: string): Promise<void> {
    if (!(await this.see('signup-username').isVisible())) await this.press('go-signup');
    await this.type('signup-username', username);
    await this.type('signup-password', password);
    await this.press('signup-submit');
    await this.sees('find-input');
  }

  async logIn({ username, password }: Pick<Account, 'username' | 'password'>): Promise<void> {
    await this.page.getByTestId('login-username').or(this.page.getByTestId('go-login')).first().waitFor();
    if (!(await this.see('login-username').isVisible())) await this.press('go-login');
    await this.type('login-username', username);
    await this.type('login-password', password);
    await this.press('login-submit');
    await this.sees('find-input');
    await this.isOnline();
  }

  /** Waits until the socket is up. */
  async isOnline(): Promise<void> {
    await this.page.waitForFunction(() => (globalThis as DebugWindow).__ringdown?.client.state === 'online');
  }

  /** The line of a friend in the list of people. */
  friend(username: string): Locator {
    return this.page.locator(`[data-testid="friend-row"][data-username="${username}"]`);
  }

  // ---------------------------------------------------------------------------------------------------------- calls

  /**
   * Calls a friend from the list in the very moment it is asked for: without the patience of {@link calls}, during which
   * the friend's own call may come and lie over the button.
   */
  async callsAtOnce(username: string): Promise<void> {
    await this.friend(username).getByTestId('call-video').dispatchEvent('click');
  }

  /** Calls a friend from the list at a given moment. @param atMs since 1970, by the clock that all pages share */
  async callsAt(username: string, kind: 'video' | 'audio', atMs: number): Promise<void> {
    await this.friend(username)
      .getByTestId(`call-${kind}`)
      .evaluate(
        (button: HTMLElement, at) =>
          new Promise<void>((clicked) => {
            setTimeout(() => {
              button.click();
              clicked();
            }, at - Date.now());
          }),
        atMs,
      );
  }

  /** Calls a friend from the list. */
  async calls(username: string, kind: 'video' | 'audio' = 'video'): Promise<void> {
    await this.friend(username).getByTestId(`call-${kind}`).click();
  }

  /** Waits for the call to ring here and takes it. */
  async accepts(kind: 'video' | 'audio' = 'video'): Promise<void> {
    await this.press(`accept-${kind}`);
    await this.sees('call-view');
  }

  /** The state of the call as the SDK knows it; undefined without one. */
  callState(): Promise<string | undefined> {
    return this.page.evaluate(() => (globalThis as DebugWindow).__ringdown?.client.activeCall?.state);
  }

  /** Waits until media flow. @returns the id of the call */
  async connectedCall(): Promise<string | undefined> {
    await this.page.waitForFunction(
      () => (globalThis as DebugWindow).__ringdown?.client.activeCall?.state === 'connected',
    );
    return this.page.evaluate(() => (globalThis as DebugWindow).__ringdown?.client.activeCall?.callId);
  }

  /** Waits until there is no call any more, neither ringing nor running. */
  async hasNoCall(): Promise<void> {
    await this.page.waitForFunction(() => (globalThis as DebugWindow).__ringdown?.client.calls.length === 0);
  }

  /** How much of the other side's media has arrived and could be used, so far. */
  receivedMedia(): Promise<{ framesDecoded: number; audioSamples: number }> {
    return this.page.evaluate(async () => {
      const stats = await (globalThis as DebugWindow).__ringdown?.client.activeCall?.getStats();
      const sum = { framesDecoded: 0, audioSamples: 0 };
      for (const entry of stats?.values() ?? []) {
        if (entry.type !== 'inbound-rtp') continue;
        sum.framesDecoded += entry.framesDecoded ?? 0;
        sum.audioSamples += entry.totalSamplesReceived ?? 0;
      }
      return sum;
    });
  }

  /**
   * How loud the other side is over the next second of its sound: energy as in the statistics of W3C, 0 for silence.
   * Waits until that second has arrived.
   */
  loudness(): Promise<number> {
    return this.page.evaluate(async (secondOfSamples) => {
      const sound = async () => {
        const stats = await (globalThis as DebugWindow).__ringdown?.client.activeCall?.getStats();
        const all = [...(stats?.values() ?? [])];
        const heard = all.find((entry) => entry.type === 'inbound-rtp' && entry.kind === 'audio');
        return { samples: heard?.totalSamplesReceived ?? 0, energy: heard?.totalAudioEnergy ?? 0 };
      };
      const before = await sound();
      let now = before;
      while (now.samples < before.samples + secondOfSamples) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        now = await sound();
      }
      return now.energy - before.energy;
    }, SAMPLES_A_SECOND);
  }

  /** How bright the other side's picture is at this moment, 0 (black) to 255; undefined when none is shown. */
  brightness(): Promise<number | undefined> {
    return this.see('remote-video').evaluate((element) => {
      const video = element as HTMLVideoElement;
      const canvas = Object.assign(document.createElement('canvas'), { width: 32, height: 24 });
      const context = canvas.getContext('2d');
      if (context === null || video.videoWidth === 0) return undefined;
      context.drawImage(video, 0, 0, 32, 24);
      const { data } = context.getImageData(0, 0, 32, 24);
      let sum = 0;
      for (let at = 0; at < data.length; at += 4) sum += Math.max(data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0);
      return sum / (data.length / 4);
    });
  }

  /** The kinds of candidate (`host`, `relay` …) of the pair that carries the call: local, then remote. */
  path(): Promise<string[]> {
    return this.page.evaluate(async () => {
      const stats = await (globalThis as DebugWindow).__ringdown?.client.activeCall?.getStats();
      const entries = new Map([...(stats?.entries() ?? [])]);
      const transport = [...entries.values()].find((entry) => entry.type === 'transport');
      const pair = entries.get(transport?.selectedCandidatePairId ?? '');
      return [pair?.localCandidateId, pair?.remoteCandidateId].map((id) => entries.get(id)?.candidateType ?? 'none');
    });
  }

  /** From the next page on, counts what only a person in a call may cause. */
  async countMediaUse(): Promise<void> {
    await this.context.addInitScript(() => {
      const used = { connections: 0, cameras: 0 };
      (globalThis as DebugWindow).mediaUse = used;
      const Original = globalThis.RTCPeerConnection;
      globalThis.RTCPeerConnection = class extends Original {
        constructor(configuration?: RTCConfiguration) {
          super(configuration);
          used.connections += 1;
        }
      };
      const original = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
      navigator.mediaDevices.getUserMedia = (constraints) => {
        used.cameras += 1;
        return original(constraints);
      };
    });
    await this.page.reload();
  }

  /** From the next page on, media may go through a TURN server only. */
  async relayOnly(): Promise<void> {
    await this.context.addInitScript(() => {
      const Original = globalThis.RTCPeerConnection;
      globalThis.RTCPeerConnection = class extends Original {
        constructor(configuration?: RTCConfiguration) {
          super({ ...configuration, iceTransportPolicy: 'relay' });
        }
        override setConfiguration(configuration?: RTCConfiguration): void {
          super.setConfiguration({ ...configuration, iceTransportPolicy: 'relay' });
        }
      };
    });
    await this.page.reload();
  }

  /** What {@link countMediaUse} has counted on this page. */
  mediaUse(): Promise<{ connections: number; cameras: number } | undefined> {
    return this.page.evaluate(() => (globalThis as DebugWindow).mediaUse);
  }

  // -------------------------------------------------------------------------------------------------------- history

  /** Opens the history and waits for its newest line. @returns that line */
  async newestCall(): Promise<{ outcome: string | null; direction: string | null; missed: boolean }> {
    await this.press('nav-history');
    const row = this.see('history-row');
    await row.waitFor();
    return {
      outcome: await row.getAttribute('data-outcome'),
      direction: await row.getAttribute('data-direction'),
      missed: (await row.getAttribute('data-missed')) === 'true',
    };
  }
}
