/** Somebody calls: take it with or without the camera, or decline. */
import { html, nothing, type PropertyValues } from 'lit';
import { View } from '../base/view.ts';
import { callDialogStyles } from '../ui/call-dialog-styles.ts';
import { callStyles } from '../ui/call-styles.ts';
import { dialogStyles } from '../ui/dialog-styles.ts';
import { icon } from '../ui/icon.ts';
import { styles } from '../ui/styles.ts';
import '../ui/avatar.ts';

/** `<rd-incoming-dialog .app>`; there while a call rings here. */
class RdIncomingDialog extends View {
  static override styles = [styles, callStyles, dialogStyles, callDialogStyles];

  protected override watched() {
    return [this.app.desk.incoming, this.app.desk.pulse];
  }

  protected override firstUpdated(changed: PropertyValues<this>): void {
    super.firstUpdated(changed);
    this.#show();
  }

  override render() {
    const { desk } = this.app;
    const call = desk.incoming.value;
    if (!call) return nothing;
    const { t } = this;
    const peer = desk.peerOf(call);
    const video = call.callType === 'video';
    // Focus rests on the heading: whoever is typing when it rings must not answer by accident.
    return html`<dialog
      role="alertdialog"
      aria-labelledby="title"
      aria-describedby="kind"
      data-testid="incoming-dialog"
      @cancel=${(event: Event) => event.preventDefault()}
      @close=${this.#show}
    >
      <div class="who">
        <p id="kind" class="stage-soft">${t(video ? 'incoming.video' : 'incoming.audio')}</p>
        <div class="halo"><rd-avatar .user=${peer} size="l"></rd-avatar></div>
        <h1 id="title" class="wrap" tabindex="-1" autofocus>${t('incoming.title', { name: peer.username })}</h1>
        <p class="hint small stage-soft">${t('incoming.allowMedia')}</p>
      </div>
      <div class="controls">
        <div class="control">
          <button
            type="button"
            class="end"
            data-testid="decline"
            aria-label=${t('incoming.decline')}
            @click=${() => desk.decline()}
          >
            ${icon('hang-up')}
          </button>
          <span aria-hidden="true">${t('incoming.decline')}</span>
        </div>
        <div class="control">
          <button
            type="button"
            class=${video ? '' : 'take'}
            data-testid="accept-audio"
            aria-label=${t('incoming.acceptAudioLabel')}
            @click=${() => desk.accept(false)}
          >
            ${icon('phone')}
          </button>
          <span aria-hidden="true">${t('incoming.acceptAudio')}</span>
        </div>
        ${
          video
            ? html`<div class="control">
                <button
                  type="button"
                  class="take"
                  data-testid="accept-video"
                  aria-label=${t('incoming.acceptVideoLabel')}
                  @click=${() => desk.accept(true)}
                >
                  ${icon('camera')}
                </button>
                <span aria-hidden="true">${t('incoming.acceptVideo')}</span>
              </div>`
            : nothing
        }
      </div>
    </dialog>`;
  }

  /** Browsers close a dialog at the second Escape whatever the page says; a ringing one comes back. */
  #show(): void {
    const dialog = this.renderRoot.querySelector('dialog');
    if (this.isConnected && dialog && !dialog.open && this.app.desk.incoming.value) dialog.showModal();
  }
}
customElements.define('rd-incoming-dialog', RdIncomingDialog);
