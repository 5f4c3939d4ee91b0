/** A call between two people: the other side large, the own picture small, and what one can do. */
import { type Call, playRemote } from '@ringdown/client';
import { css, html, nothing, type PropertyValues } from 'lit';
import { View } from '../base/view.ts';
import { callErrorText } from '../i18n/error-text.ts';
import { callStyles } from '../ui/call-styles.ts';
import { type IconName, icon } from '../ui/icon.ts';
import { styles } from '../ui/styles.ts';
import '../ui/avatar.ts';
import './call-duration.ts';
import './own-picture.ts';

/** How often the other side's picture is looked at, ms. */
const LOOK_EVERY_MS = 500;
/** A picture that has not moved for this long has stopped, ms. */
const STILL_MS = 2_500;

/** `<rd-call-view .app>`; there from the answer to the end. */
class RdCallView extends View {
  static override properties = {
    seesPicture: { state: true },
    silent: { state: true },
    full: { state: true },
  };
  /** Whether the other side's picture moves. */
  declare seesPicture: boolean;
  /** Whether the browser does not let the sound play until it is asked to. */
  declare silent: boolean;
  declare full: boolean;
  /** What plays, and what ends it. */
  #played: { readonly stream: MediaStream; stop(): void } | undefined;
  #frames = 0;
  #lastFrameAtMs = 0;
  #watch: ReturnType<typeof setInterval> | undefined;
  readonly #onFullscreen = () => {
    this.full = document.fullscreenElement !== null;
  };

  static override styles = [
    styles,
    callStyles,
    css`
      main {
        height: 100%;
      }
      .remote {
        position: absolute;
        inset: 0;
        width: 100%;
        height: 100%;
        object-fit: cover;
      }
      .remote.unseen {
        opacity: 0;
      }
      @media (min-aspect-ratio: 1) {
        .remote {
          object-fit: contain;
        }
      }
      .portrait {
        position: absolute;
        inset: 0;
        display: grid;
        align-content: center;
        justify-items: center;
        gap: 0.5rem;
        padding: 6rem 1.5rem 10rem;
        text-align: center;
      }
      .portrait rd-avatar {
        margin-bottom: 1rem;
      }
      header {
        position: absolute;
        z-index: 1;
        inset: 0 0 auto;
        display: flex;
        align-items: center;
        gap: 0.75rem;
        padding: calc(0.875rem + var(--rd-top)) calc(1rem + var(--rd-right)) 2rem calc(1rem + var(--rd-left));
        background: linear-gradient(rgb(20 10 5 / 78%), rgb(20 10 5 / 45%) 60%, transparent);
      }
      header h1 {
        font-size: 1.125rem;
      }
      header p {
        display: flex;
        flex-wrap: wrap;
        gap: 0 0.5rem;
        font-size: 0.9375rem;
        font-variant-numeric: tabular-nums;
      }
      header button {
        background: rgb(255 246 239 / 18%);
        color: var(--stage-ink);
      }
      @media (hover: hover) {
        header button:hover:not(:disabled) {
          background: rgb(255 246 239 / 32%);
        }
      }
      .warn {
        color: #ffd08a;
        font-weight: 600;
      }
      footer {
        position: absolute;
        z-index: 1;
        inset: auto 0 0;
        padding: 2.5rem 1rem calc(1.5rem + var(--rd-bottom));
        background: linear-gradient(transparent, rgb(20 10 5 / 55%) 40%, rgb(20 10 5 / 82%));
      }
      /* A phone on its side. */
      @media (max-height: 520px) {
        .portrait {
          padding: 4rem 1.5rem 7rem;
        }
        .portrait rd-avatar {
          --size: 88px;
          margin-bottom: 0.25rem;
        }
        footer {
          padding: 1.5rem 1rem calc(0.75rem + var(--rd-bottom));
        }
      }
      .listen {
        position: absolute;
        z-index: 3;
        inset: 50% 1rem auto;
        width: fit-content;
        margin-inline: auto;
      }
    `,
  ];

  constructor() {
    super();
    this.seesPicture = false;
    this.silent = false;
    this.full = false;
  }

  protected override watched() {
    const { current, pulse, line } = this.app.desk;
    return [current, pulse, line];
  }

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener('fullscreenchange', this.#onFullscreen);
    this.#watch = setInterval(() => this.#followPicture(), LOOK_EVERY_MS);
  }

  override disconnectedCallback(): void {
    document.removeEventListener('fullscreenchange', this.#onFullscreen);
    clearInterval(this.#watch);
    this.#hush();
    if (document.fullscreenElement) void document.exitFullscreen();
    super.disconnectedCallback();
  }

  override firstUpdated(): void {
    this.renderRoot.querySelector<HTMLElement>('main')?.focus();
  }

  protected override updated(changed: PropertyValues<this>): void {
    super.updated(changed);
    const element = this.renderRoot.querySelector<HTMLVideoElement>('.remote');
    const stream = this.app.desk.current.value?.remoteStream;
    if (stream === this.#played?.stream) return;
    this.#hush();
    if (!element || !stream) return;
    const stop = playRemote(element, stream, {
      onBlocked: () => {
        this.silent = true;
      },
      onUnblocked: () => {
        this.silent = false;
      },
    });
    this.#played = { stream, stop };
  }

  #hush(): void {
    this.#played?.stop();
    this.#played = undefined;
    this.silent = false;
  }

  override render() {
    const { desk } = this.app;
    const call = desk.current.value;
    if (!call) return nothing;
    const peer = desk.peerOf(call);
    const { t } = this;
    const video = call.callType === 'video';
    const seen = video && this.seesPicture && (call.remoteStream?.getVideoTracks().length ?? 0) > 0;
    return html`<main
      data-testid="call-view"
      data-state=${call.state}
      aria-label=${t('call.region', { name: peer.username })}
      tabindex="-1"
    >
      ${
        seen
          ? nothing
          : html`<div class="portrait">
              <rd-avatar .user=${peer} size="xl"></rd-avatar>
              <h2 class="wrap">${peer.username}</h2>
              ${
                video && call.state === 'connected' && call.peerConnection === 'connected'
                  ? html`<p class="stage-soft wrap">${t('call.peerNoVideo', { name: peer.username })}</p>`
                  : nothing
              }
            </div>`
      }
      ${this.#remote(video, seen)}
      <header>
        <div class="grow">
          <h1 class="clip">${peer.username}</h1>
          <p class="stage-soft">${this.#clock(call)}${this.#status(call)}</p>
        </div>
        ${
          document.fullscreenEnabled
            ? html`<button
                type="button"
                class="round"
                data-testid="fullscreen"
                aria-label=${t(this.full ? 'call.leaveFullscreen' : 'call.fullscreen')}
                @click=${this.#toggleFullscreen}
              >
                ${icon(this.full ? 'shrink' : 'expand')}
              </button>`
            : nothing
        }
      </header>
      ${
        video
          ? html`<rd-own-picture
              .stream=${call.localStream}
              .off=${!call.cameraOn}
              .label=${t('call.ownPicture')}
            ></rd-own-picture>`
          : nothing
      }
      ${
        this.silent
          ? html`<button type="button" class="primary listen">
              ${icon('sound')} ${t('call.listen', { name: peer.username })}
            </button>`
          : nothing
      }
      <footer class="controls">${this.#controls(call, video)}</footer>
    </main>`;
  }

  /** In a voice call the same element plays the sound and is not seen. */
  #remote(video: boolean, seen: boolean) {
    return html`<video
      class="remote ${seen ? '' : 'unseen'}"
      data-testid=${video ? 'remote-video' : 'remote-audio'}
      playsinline
      aria-hidden=${!seen}
      @resize=${this.#followPicture}
      @playing=${this.#followPicture}
    ></video>`;
  }

  #clock(call: Call) {
    if (call.connectedAt === undefined) return nothing;
    return html`<rd-call-duration
      data-testid="call-duration"
      role="timer"
      aria-label=${this.t('call.duration')}
      .since=${call.connectedAt}
    ></rd-call-duration>`;
  }

  #status(call: Call) {
    const { t } = this;
    const text =
      call.state === 'connecting'
        ? call.localStream
          ? t('call.connecting')
          : t(call.callType === 'video' ? 'outgoing.media' : 'outgoing.mediaAudio')
        : call.state === 'reconnecting'
          ? t('call.reconnecting')
          : this.app.desk.line.value !== 'online'
            ? t('call.serviceAway')
            : call.peerConnection === 'reconnecting'
              ? t('call.peerReconnecting', { name: this.app.desk.peerOf(call).username })
              : call.microphoneOn
                ? ''
                : t('call.muted');
    return html`<span role="status" class=${call.state === 'connecting' ? '' : 'warn'}>${text}</span>`;
  }

  #controls(call: Call, video: boolean) {
    const { t } = this;
    const ready = call.localStream !== undefined;
    return html`
      ${this.#toggle({
        id: 'toggle-mic',
        on: call.microphoneOn,
        icons: ['microphone', 'microphone-off'],
        label: t(call.microphoneOn ? 'call.mute' : 'call.unmute'),
        ready,
        press: () => call.setMicrophone(!call.microphoneOn),
      })}
      ${
        video
          ? this.#toggle({
              id: 'toggle-camera',
              on: call.cameraOn,
              icons: ['camera', 'camera-off'],
              label: t(call.cameraOn ? 'call.cameraOff' : 'call.cameraOn'),
              ready,
              press: () => void this.#setCamera(call, !call.cameraOn),
            })
          : nothing
      }
      <div class="control">
        <button
          type="button"
          class="end"
          data-testid="hang-up"
          aria-label=${t('call.hangUp')}
          @click=${() => this.app.desk.hangUp()}
        >
          ${icon('hang-up')}
        </button>
        <span aria-hidden="true">${t('call.hangUp')}</span>
      </div>
    `;
  }

  /** The label says what a press does, so there is no `aria-pressed` besides: both would cancel each other out. */
  #toggle(part: {
    id: string;
    on: boolean;
    icons: [on: IconName, off: IconName];
    label: string;
    ready: boolean;
    press: () => void;
  }) {
    return html`<div class="control">
      <button
        type="button"
        class=${part.on ? '' : 'off'}
        data-testid=${part.id}
        data-on=${part.on}
        aria-label=${part.label}
        ?disabled=${!part.ready}
        @click=${part.press}
      >
        ${icon(part.icons[part.on ? 0 : 1])}
      </button>
      <span aria-hidden="true">${part.label}</span>
    </div>`;
  }

  async #setCamera(call: Call, on: boolean): Promise<void> {
    try {
      await call.setCamera(on);
    } catch (error) {
      this.app.say(callErrorText(error, 'error.camera'));
    }
  }

  /**
   * Follows the other side's picture. Nothing says that their camera went off; the picture just stops, and an old one
   * must not stand there as if they sat still.
   */
  #followPicture(): void {
    const video = this.renderRoot.querySelector<HTMLVideoElement>('.remote');
    if (!video || document.hidden) return;
    const frames = video.getVideoPlaybackQuality().totalVideoFrames;
    const now = performance.now();
    if (frames !== this.#frames) {
      this.#frames = frames;
      this.#lastFrameAtMs = now;
    }
    this.seesPicture = video.videoWidth > 0 && now - this.#lastFrameAtMs < STILL_MS;
  }

  #toggleFullscreen(): void {
    const change = document.fullscreenElement ? document.exitFullscreen() : this.requestFullscreen();
    change.catch(() => undefined);
  }
}
customElements.define('rd-call-view', RdCallView);
