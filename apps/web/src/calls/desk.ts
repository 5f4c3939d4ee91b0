/**
 * The telephone on the desk: one SDK client for the person signed in, and the calls as the views need them.
 * Everything about sockets, offers and media is the SDK's; this decides what is shown and what is heard.
 */
import { type Call, type CallEnd, type OpenCall, RingdownClient, RingdownError } from '@ringdown/client';
import { type MissedCall, Ringer } from '@ringdown/client/ringing';
import type { PublicUser } from '@ringdown/protocol';
import { Store } from '../base/store.ts';
import { callErrorText } from '../i18n/error-text.ts';
import { t } from '../i18n/language.ts';
import { ringTone } from '../settings/preferences.ts';
import { announce, notifyMissed } from './announcement.ts';
import { isMissed } from './end-text.ts';
import { type Parting, partingOf } from './parting.ts';
import { playTune, ringTunes } from './tone-player.ts';
import { END_TUNE, RINGBACK_TUNE } from './tones.ts';

/** What the desk needs from the rest of the app. */
export interface DeskSurroundings {
  /** Gives an access token for the socket and for the ICE servers. */
  readonly token: () => Promise<string>;
  /** Called when the service refuses the token: looks whether the session is over. */
  readonly doubtSession: () => void;
  /** Somebody from the person's lists. */
  readonly known: (userId: string) => PublicUser | undefined;
  /** Shows a short message. */
  readonly say: (text: string) => void;
  /** Called when a call has ended. */
  readonly onEnded: () => void;
}

/** Whether and how the service is reached; `reconnecting` once it had been reached before. */
export type Line = 'offline' | 'connecting' | 'reconnecting' | 'online';

/** The SDK gives up on some refusals; the desk tries again after this long. */
const RETRY_MS = 15_000;

/** The calls of the person signed in on this page. */
export class Desk {
  readonly line = new Store<Line>('connecting');
  /** The call this device has dialled or accepted. */
  readonly current = new Store<Call | undefined>(undefined);
  /** The call that rings here. */
  readonly incoming = new Store<Call | undefined>(undefined);
  /** The call that this page was in before it was loaded again, as long as the other side is held. */
  readonly open = new Store<OpenCall | undefined>(undefined);
  /** The call that has just ended. */
  readonly parting = new Store<Parting | undefined>(undefined);
  /** Counts up whenever something inside a call has changed. */
  readonly pulse = new Store(0);

  readonly #surroundings: DeskSurroundings;
  #client: RingdownClient | undefined;
  #ringer: Ringer | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #wasOnline = false;
  readonly #tookPart = new WeakSet<Call>();
  readonly #dialled = new Map<string, PublicUser>();
  /** Of missed calls that another tab may tell of, by the id of the call. */
  readonly #missed = new Map<string, Parting>();
  /** What is told of a call: that it rings here, or there. */
  #told: { of: Call; kind: 'ring' | 'ringback'; stop: () => void } | undefined;

  /** @param surroundings the rest of the app */
  constructor(surroundings: DeskSurroundings) {
    this.#surroundings = surroundings;
    ringTone.subscribe(() => this.#chooseTone());
  }

  /** The SDK client, while somebody is signed in. */
  get client(): RingdownClient | undefined {
    return this.#client;
  }

  /** Connects. Call it when somebody has signed in. */
  start(): void {
    if (this.#client) return;
    const client = new RingdownClient({ url: location.origin, token: this.#surroundings.token });
    this.#client = client;
    this.#wasOnline = false;
    client.on('state', () => this.#readLine());
    this.#ringer = new Ringer(client, { platform: { tones: ringTunes } });
    this.#ringer.on('missed', (missed) => this.#onMissed(missed));
    this.#chooseTone();
    client.on('call', (call) => this.#watch(call));
    client.on('openCalls', (all) => this.#onOpen(all.find(({ here }) => here)));
    client.on('error', (error) => {
      if (error.code === 'unauthenticated') this.#surroundings.doubtSession();
    });
    this.#readLine();
    this.#connect(client);
  }

  /** Hangs up and disconnects. Call it when the person has signed out. */
  stop(): void {
    const client = this.#client;
    if (!client) return;
    this.#client = undefined;
    clearTimeout(this.#retry);
    this.current.value?.hangUp();
    if (this.open.value) client.endOpenCall(this.open.value.callId);
    client.disconnect();
    this.#ringer?.stop();
    this.#silence();
    this.current.set(undefined);
    this.incoming.set(undefined);
    this.open.set(undefined);
    this.parting.set(undefined);
    this.#dialled.clear();
    this.#missed.clear();
  }

  /**
   * The page goes away. What nobody has answered is taken back; a call is left open, since the page may be on its way back:
   * nothing tells a page that is closed from one that is loaded again. The service waits for ten seconds.
   */
  leave(): void {
    const call = this.current.value;
    if (call?.state === 'dialling' || call?.state === 'ringing') call.hangUp();
  }

  /** Goes back into the call that this page was in before it was loaded again. Never throws. */
  async comeBack(video: boolean): Promise<void> {
    const open = this.open.value;
    if (!open) return;
    try {
      await this.#client?.call(open.peer.id, { takeover: true, video });
    } catch (error) {
      this.#explain(error);
    }
  }

  /** Hangs up the call that this page was in before it was loaded again. */
  leaveOpen(): void {
    if (this.open.value) this.#client?.endOpenCall(this.open.value.callId);
  }

  /**
   * Calls somebody; who rings here already is answered instead. Never throws: what goes wrong is said to the person.
   * @param peer whom
   * @param video with or without picture
   */
  async dial(peer: PublicUser, video: boolean): Promise<void> {
    const client = this.#client;
    if (!client || this.current.value) return;
    const ringing = this.incoming.value;
    // Two who call each other want one call, also when one of them was a moment faster. Anybody else has to wait.
    if (ringing) return ringing.peer.id === peer.id ? await this.accept(video) : undefined;
    this.#dialled.set(peer.id, peer);
    try {
      await client.call(peer.id, { video });
    } catch (error) {
      this.#explain(error);
    }
  }

  /** Ends what is going on: the dialling, the ringing at the other end or the talk. */
  hangUp(): void {
    this.current.value?.hangUp();
  }

  /** Answers the call that rings here, with or without the camera. Never throws. */
  async accept(video: boolean): Promise<void> {
    const call = this.incoming.value;
    if (!call) return;
    this.#tookPart.add(call);
    try {
      await call.accept({ video });
    } catch (error) {
      this.#explain(error);
    }
  }

  /** Refuses the call that rings here, on all devices. */
  decline(): void {
    this.incoming.value?.reject('rejected');
  }

  /** Takes the notice of the ended call away. */
  dismissParting(): void {
    this.parting.set(undefined);
  }

  /** The person at the other end, as well as they are known. */
  peerOf(call: Pick<Call, 'peer'>): PublicUser {
    const { id, username, avatar } = call.peer;
    const known = this.#surroundings.known(id) ?? this.#dialled.get(id);
    return { id, username: username ?? known?.username ?? '…', avatar: avatar ?? known?.avatar ?? '' };
  }

  #connect(client: RingdownClient): void {
    client.connect().catch((error: unknown) => {
      if (this.#client !== client) return;
      if (error instanceof RingdownError && error.code === 'unauthenticated') this.#surroundings.doubtSession();
      this.#retryLater(client);
    });
  }

  #retryLater(client: RingdownClient): void {
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => {
      if (this.#client === client && client.state === 'offline') this.#connect(client);
    }, RETRY_MS);
  }

  #readLine(): void {
    const client = this.#client;
    if (!client) return;
    if (client.state === 'online') this.#wasOnline = true;
    this.line.set(client.state === 'resuming' ? 'reconnecting' : client.state);
    if (client.state === 'offline' && this.#wasOnline) this.#retryLater(client);
  }

  #onOpen(open: OpenCall | undefined): void {
    const isOver = this.open.value && !open && !this.current.value;
    this.open.set(open);
    if (!isOver) return;
    this.#surroundings.say(t('end.hung_up'));
    this.#surroundings.onEnded();
  }

  #watch(call: Call): void {
    if (call.direction === 'outgoing') this.#tookPart.add(call);
    call.on('state', () => this.#arrange());
    call.on('streams', () => this.#beat());
    call.on('peerConnection', () => this.#beat());
    call.on('media', () => this.#beat());
    let refusal: RingdownError | undefined;
    call.on('error', (error) => {
      if (error.code === 'rejected_by_service') refusal = error;
    });
    call.on('ended', (end) => this.#part(call, end, refusal));
    this.#arrange();
  }

  /** Brings what is shown and heard in line with the calls there are. */
  #arrange(): void {
    const live = (this.#client?.calls ?? []).filter((call) => call.state !== 'ended');
    const current = live.find((call) => call.state !== 'incoming');
    const incoming = live.find((call) => call.state === 'incoming');
    if (current || incoming) this.parting.set(undefined);
    this.current.set(current);
    this.incoming.set(incoming);
    this.#tellOf(current, incoming);
    this.#beat();
  }

  #part(call: Call, end: CallEnd, refusal: RingdownError | undefined): void {
    this.#arrange();
    this.#surroundings.onEnded();
    // A crossing call took this one's place: to the person it is the same call.
    if (this.current.value || !this.#client) return;
    const tookPart = this.#tookPart.has(call);
    if (tookPart) playTune(END_TUNE, false);
    const parting = partingOf(call, end, this.peerOf(call), tookPart, Date.now());
    // One tab tells of it, and besides whoever looks at this one sees why it rings no more.
    if (document.hidden && !tookPart && isMissed(end)) {
      if (call.callId !== undefined) this.#missed.set(call.callId, parting);
      return;
    }
    this.parting.set(refusal ? { ...parting, detail: callErrorText(refusal) } : parting);
  }

  #onMissed({ callId, peer }: MissedCall): void {
    const parting = this.#missed.get(callId);
    this.#missed.delete(callId);
    if (parting && !this.current.value) this.parting.set(parting);
    notifyMissed(callId, this.peerOf({ peer }).username);
  }

  #chooseTone(): void {
    if (this.#ringer) this.#ringer.tone = ringTone.value === 'silent' ? 'silent' : {};
  }

  /** Says why a call could not be begun or taken: in the notice of its end, or where there was no call, by itself. */
  #explain(error: unknown): void {
    // The notice of the end says it all.
    if (error instanceof RingdownError && error.code === 'call_ended') return;
    const parting = this.parting.value;
    if (parting?.end.by === 'me' && parting.end.reason === 'media_error') {
      this.parting.set({ ...parting, detail: callErrorText(error) });
    } else if (!parting) {
      this.#surroundings.say(callErrorText(error));
    }
  }

  #tellOf(current: Call | undefined, incoming: Call | undefined): void {
    if (current?.state === 'ringing') this.#tell(current, 'ringback', () => playTune(RINGBACK_TUNE, true));
    else if (incoming && !current) {
      const { callId, callType } = incoming;
      const ringing = { callId, name: this.peerOf(incoming).username, video: callType === 'video' };
      this.#tell(incoming, 'ring', () => announce(ringing));
    } else this.#silence();
  }

  #tell(of: Call, kind: 'ring' | 'ringback', start: () => () => void): void {
    if (this.#told?.of === of && this.#told.kind === kind) return;
    this.#silence();
    this.#told = { of, kind, stop: start() };
  }

  #silence(): void {
    this.#told?.stop();
    this.#told = undefined;
  }

  #beat(): void {
    this.pulse.set(this.pulse.value + 1);
  }
}
