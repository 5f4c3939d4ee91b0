/** A question before something that is hard to take back. */
import { css, html, type PropertyValues } from 'lit';
import { View } from '../base/view.ts';
import { dialogStyles } from '../ui/dialog-styles.ts';
import { styles } from '../ui/styles.ts';

/** `<rd-question-dialog .app>`; there while `app.question` has a value. */
class RdQuestionDialog extends View {
  static override styles = [
    styles,
    dialogStyles,
    css`
      .buttons {
        justify-content: flex-end;
        margin-top: 1.25rem;
      }
      p {
        margin-top: 0.5rem;
      }
    `,
  ];

  protected override watched() {
    return [this.app.question];
  }

  protected override firstUpdated(changed: PropertyValues<this>): void {
    super.firstUpdated(changed);
    this.renderRoot.querySelector('dialog')?.showModal();
  }

  override render() {
    const question = this.app.question.value;
    return html`<dialog
      aria-labelledby="title"
      aria-describedby="text"
      data-testid="question"
      @close=${() => question?.answer(false)}
    >
      <h2 id="title" class="wrap">${question?.title}</h2>
      <p id="text" class="soft">${question?.text}</p>
      <div class="buttons">
        <button type="button" data-testid="question-no" @click=${() => question?.answer(false)}>
          ${this.t('common.cancel')}
        </button>
        <button type="button" class="danger filled" data-testid="question-yes" @click=${() => question?.answer(true)}>
          ${question?.action}
        </button>
      </div>
    </dialog>`;
  }
}
customElements.define('rd-question-dialog', RdQuestionDialog);
