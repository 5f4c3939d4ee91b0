/** A clock that runs while people talk. */
import { html, LitElement } from 'lit';
import { formatDuration } from '../i18n/duration.ts';

/** `<rd-call-duration .since>`: `since` in ms since 1970. */
class RdCallDuration extends LitElement {
  static override properties = { since: { attribute: false } };
  declare since: number;
  #timer: ReturnType<typeof setInterval> | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#timer = setInterval(() => this.requestUpdate(), 1000);
  }

  override disconnectedCallback(): void {
    clearInterval(this.#timer);
    super.disconnectedCallback();
  }

  override render() {
    return html`${formatDuration(Date.now() - this.since)}`;
  }
}
customElements.define('rd-call-duration', RdCallDuration);
