/** Says why the call that has just ended is over, and offers to call again. It covers nothing and goes by itself where it may. */
import { css, html, nothing, type PropertyValues } from 'lit';
import { View } from '../base/view.ts';
import { endText, isMissed } from '../calls/end-text.ts';
import { noticeMs, type Parting } from '../calls/parting.ts';
import { formatDuration } from '../i18n/duration.ts';
import { icon } from '../ui/icon.ts';
import { styles } from '../ui/styles.ts';
import '../ui/avatar.ts';

/** `<rd-ended-notice .app>`; there while `desk.parting` has a value. */
class RdEndedNotice extends View {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #shown: Parting | undefined;

  static override styles = [
    styles,
    css`
      :host {
        position: fixed;
        z-index: 20;
        inset: auto 0.75rem calc(5.25rem + var(--rd-bottom));
        animation: rise 0.35s var(--rd-ease);
      }
      section {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr) auto;
        align-items: center;
        gap: 0.25rem 0.875rem;
        max-width: 26rem;
        margin-inline: auto;
        padding: 1rem;
        border: 1px solid var(--rd-line);
        border-radius: 22px;
        background: var(--rd-surface);
        box-shadow: var(--rd-shadow-high);
      }
      .close {
        align-self: start;
        margin: -0.375rem -0.375rem 0 0;
        color: var(--rd-ink-soft);
      }
      strong {
        display: block;
        line-height: 1.3;
      }
      .buttons {
        grid-column: 1 / -1;
        margin-top: 0.5rem;
      }
      .buttons button {
        flex: 1;
      }
      @keyframes rise {
        from {
          opacity: 0;
          transform: translateY(24px);
        }
      }
      @media (min-width: 900px) {
        :host {
          inset: auto 1.5rem 1.5rem auto;
          width: 24rem;
        }
      }
    `,
  ];

  protected override watched() {
    return [this.app.desk.parting];
  }

  override disconnectedCallback(): void {
    clearTimeout(this.#timer);
    super.disconnectedCallback();
  }

  protected override updated(changed: PropertyValues<this>): void {
    super.updated(changed);
    const parting = this.app.desk.parting.value;
    if (!parting || parting === this.#shown) return;
    this.#shown = parting;
    clearTimeout(this.#timer);
    const lengthMs = noticeMs(parting);
    if (lengthMs !== undefined) this.#timer = setTimeout(() => this.#goUnlessUsed(), lengthMs);
  }

  override render() {
    const { desk } = this.app;
    const parting = desk.parting.value;
    if (!parting) return nothing;
    const { t } = this;
    const { peer, end, direction, tookPart, talkMs, detail, callType } = parting;
    const text = endText({ direction, tookPart, peerName: peer.username, end });
    const video = callType === 'video';
    return html`<section role="status" data-testid="ended-notice" data-reason=${end.reason} data-by=${end.by}>
      <rd-avatar .user=${peer}></rd-avatar>
      <div class="wrap">
        <strong>${text}</strong>
        ${talkMs > 0 ? html`<p class="small soft">${t('end.duration', { duration: formatDuration(talkMs) })}</p>` : nothing}
        ${detail ? html`<p class="small">${detail}</p>` : nothing}
      </div>
      <button
        type="button"
        class="plain round close"
        data-testid="close-notice"
        aria-label=${t('common.close')}
        @click=${() => desk.dismissParting()}
      >
        ${icon('close')}
      </button>
      ${
        canCallAgain(parting)
          ? html`<div class="buttons">
              <button type="button" class="primary" data-testid="call-again" @click=${() => desk.dial(peer, video)}>
                ${icon(video ? 'camera' : 'phone')} ${t(direction === 'incoming' && !tookPart ? 'end.back' : 'end.again')}
              </button>
            </div>`
          : nothing
      }
    </section>`;
  }

  /** A notice that the person is pointing at or has tabbed into stays. */
  #goUnlessUsed(): void {
    if (this.matches(':hover, :focus-within')) this.#timer = setTimeout(() => this.#goUnlessUsed(), 2_000);
    else this.app.desk.dismissParting();
  }
}
customElements.define('rd-ended-notice', RdEndedNotice);

/** Not where the person has declined, or is in that very call on another device. */
function canCallAgain({ end, direction, tookPart }: Parting): boolean {
  return direction === 'outgoing' || tookPart || isMissed(end);
}
