/** The page was loaded again in a call: go back into it, with or without the camera, or hang up. */
import { html, nothing, type PropertyValues } from 'lit';
import { View } from '../base/view.ts';
import { callDialogStyles } from '../ui/call-dialog-styles.ts';
import { callStyles } from '../ui/call-styles.ts';
import { dialogStyles } from '../ui/dialog-styles.ts';
import { icon } from '../ui/icon.ts';
import { styles } from '../ui/styles.ts';
import '../ui/avatar.ts';

/** `<rd-return-dialog .app>`; there while a call is open that this page was in before it was loaded. */
class RdReturnDialog extends View {
  static override styles = [styles, callStyles, dialogStyles, callDialogStyles];

  protected override watched() {
    return [this.app.desk.open, this.app.desk.line];
  }

  protected override firstUpdated(changed: PropertyValues<this>): void {
    super.firstUpdated(changed);
    this.#show();
  }

  override render() {
    const { desk } = this.app;
    const call = desk.open.value;
    if (!call) return nothing;
    const { t } = this;
    const peer = desk.peerOf(call);
    const video = call.callType === 'video';
    return html`<dialog
      role="alertdialog"
      aria-labelledby="title"
      aria-describedby="hint"
      data-testid="return-dialog"
      @cancel=${(event: Event) => event.preventDefault()}
      @close=${this.#show}
    >
      <div class="who">
        <div class="halo still"><rd-avatar .user=${peer} size="l"></rd-avatar></div>
        <h1 id="title" class="wrap">${t('open.title', { name: peer.username })}</h1>
        <p id="hint" class="hint small stage-soft">${t('open.hint', { name: peer.username })}</p>
      </div>
      <div class="controls">
        <div class="control">
          <button type="button" class="end" data-testid="leave-call" aria-label=${t('call.hangUp')} @click=${() => desk.leaveOpen()}>
            ${icon('hang-up')}
          </button>
          <span aria-hidden="true">${t('call.hangUp')}</span>
        </div>
        ${
          video
            ? html`<div class="control">
                <button
                  type="button"
                  data-testid="return-audio"
                  aria-label=${t('open.returnAudioLabel')}
                  @click=${() => desk.comeBack(false)}
                >
                  ${icon('phone')}
                </button>
                <span aria-hidden="true">${t('open.returnAudio')}</span>
              </div>`
            : nothing
        }
        <div class="control">
          <button
            type="button"
            class="take"
            data-testid="return"
            aria-label=${t(video ? 'open.returnVideoLabel' : 'open.return')}
            autofocus
            @click=${() => desk.comeBack(true)}
          >
            ${icon(video ? 'camera' : 'phone')}
          </button>
          <span aria-hidden="true">${t('open.return')}</span>
        </div>
      </div>
    </dialog>`;
  }

  /** As with a call that rings: Escape decides nothing, the person does. */
  #show(): void {
    const dialog = this.renderRoot.querySelector('dialog');
    if (this.isConnected && dialog && !dialog.open && this.app.desk.open.value) dialog.showModal();
  }
}
customElements.define('rd-return-dialog', RdReturnDialog);
