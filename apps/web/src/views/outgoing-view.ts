/** What the caller sees until the other side answers. */
import type { Call } from '@ringdown/client';
import { css, html, nothing } from 'lit';
import { View } from '../base/view.ts';
import { callStyles } from '../ui/call-styles.ts';
import { icon } from '../ui/icon.ts';
import { styles } from '../ui/styles.ts';
import '../ui/avatar.ts';

/** `<rd-outgoing-view .app>`; there while a call is dialled or rings at the other end. */
class RdOutgoingView extends View {
  static override styles = [
    styles,
    callStyles,
    css`
      video {
        position: absolute;
        inset: 0;
        width: 100%;
        height: 100%;
        object-fit: cover;
        opacity: 0.28;
        transform: scaleX(-1);
        filter: blur(2px) saturate(0.9);
      }
      main {
        position: relative;
        display: grid;
        grid-template-rows: 1fr auto;
        justify-items: center;
        gap: 2rem;
        height: 100%;
        padding: calc(2rem + var(--rd-top)) 1.5rem calc(2.5rem + var(--rd-bottom));
      }
      .who {
        display: grid;
        align-content: center;
        justify-items: center;
        gap: 0.5rem;
        max-width: 100%;
        text-align: center;
      }
      .halo {
        margin-bottom: 2.75rem;
      }
      .status {
        min-height: 1.5em;
        font-size: 1.0625rem;
      }
      /* A phone on its side. */
      @media (max-height: 520px) {
        main {
          grid-template: minmax(0, 1fr) / minmax(0, 1fr) auto;
          align-items: center;
          padding: 1rem max(3rem, var(--rd-right)) 1rem max(1.5rem, var(--rd-left));
        }
        .halo {
          margin-bottom: 1.75rem;
        }
        .halo rd-avatar {
          --size: 96px;
        }
      }
    `,
  ];

  protected override watched() {
    return [this.app.desk.current, this.app.desk.pulse];
  }

  override firstUpdated(): void {
    this.renderRoot.querySelector<HTMLElement>('main')?.focus();
  }

  override render() {
    const { desk } = this.app;
    const call = desk.current.value;
    if (!call) return nothing;
    const { t } = this;
    const peer = desk.peerOf(call);
    const video = call.callType === 'video';
    return html`
      ${video ? html`<video autoplay playsinline muted .srcObject=${call.localStream ?? null} aria-hidden="true"></video>` : nothing}
      <main data-testid="outgoing-view" data-state=${call.state} aria-labelledby="name" tabindex="-1">
        <div class="who">
          <div class="halo ${call.state === 'ringing' ? '' : 'still'}"><rd-avatar .user=${peer} size="xl"></rd-avatar></div>
          <p class="stage-soft">${t(video ? 'outgoing.video' : 'outgoing.audio')}</p>
          <h1 id="name" class="wrap">${peer.username}</h1>
          <p class="status stage-soft" role="status">${this.#status(call, video)}</p>
        </div>
        <div class="controls">
          <div class="control">
            <button type="button" class="end" data-testid="cancel-call" aria-labelledby="cancel" @click=${() => desk.hangUp()}>
              ${icon('hang-up')}
            </button>
            <span id="cancel">${t('outgoing.cancel')}</span>
          </div>
        </div>
      </main>
    `;
  }

  #status({ state, localStream, peer }: Call, video: boolean): string {
    if (state === 'ringing') return this.t('outgoing.ringing');
    if (!localStream) return this.t(video ? 'outgoing.media' : 'outgoing.mediaAudio');
    return this.t(this.app.desk.open.value?.peer.id === peer.id ? 'open.returning' : 'outgoing.dialling');
  }
}
customElements.define('rd-outgoing-view', RdOutgoingView);
