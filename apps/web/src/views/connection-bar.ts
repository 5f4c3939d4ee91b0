/** The thin bar that says when the service cannot be reached. It waits a moment, so that a blink of the line is not seen. */
import { css, html } from 'lit';
import { View } from '../base/view.ts';
import { styles } from '../ui/styles.ts';

/** `<rd-connection-bar .app>`. */
class RdConnectionBar extends View {
  static override styles = [
    styles,
    css`
      div {
        display: grid;
        grid-template-rows: 0fr;
        transition: grid-template-rows 0.3s 0.8s var(--rd-ease);
        background: var(--rd-accent-soft);
        color: var(--rd-on-accent-soft);
        font-size: 0.875rem;
        font-weight: 600;
        text-align: center;
      }
      div[data-state='offline'] {
        background: var(--rd-bad-soft);
        color: var(--rd-ink);
      }
      div:not([data-state='online']) {
        grid-template-rows: 1fr;
      }
      div[data-state='online'] {
        transition-delay: 0s;
      }
      span {
        overflow: hidden;
      }
      span > b {
        display: block;
        padding: calc(0.25rem + var(--rd-top)) 1rem 0.25rem;
        font-weight: inherit;
      }
    `,
  ];

  protected override watched() {
    return [this.app.desk.line];
  }

  override render() {
    const line = this.app.desk.line.value;
    const text = line === 'online' ? this.t('common.online') : this.t(`connection.${line}`);
    return html`<div role="status" data-testid="connection-state" data-state=${line}>
      <span aria-hidden=${line === 'online'}><b>${text}</b></span>
    </div>`;
  }
}
customElements.define('rd-connection-bar', RdConnectionBar);
