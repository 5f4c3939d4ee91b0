/** One call of the history. */
import type { CallSummary } from '@ringdown/protocol';
import { css, html, nothing } from 'lit';
import { View } from '../base/view.ts';
import { explanation, outcomeText } from '../history/call-line.ts';
import { dayLabel, timeOfDay } from '../i18n/when.ts';
import { type IconName, icon } from '../ui/icon.ts';
import { styles } from '../ui/styles.ts';

/** `<rd-call-row .app .call dated>`: one line without a face; `dated` adds the day. */
class RdCallRow extends View {
  static override properties = { call: { attribute: false }, dated: { type: Boolean } };
  declare call: CallSummary;
  declare dated: boolean;

  static override styles = [
    styles,
    css`
      .row {
        min-height: 56px;
      }
      .sign {
        flex: none;
        display: grid;
        place-items: center;
        width: 36px;
        height: 36px;
        border-radius: 50%;
        background: var(--rd-sunken);
        color: var(--rd-ink-soft);
      }
      .sign .icon {
        width: 1.125rem;
        height: 1.125rem;
      }
      .why {
        display: block;
      }
      .sign.missed {
        background: var(--rd-bad-soft);
        color: var(--rd-bad);
      }
    `,
  ];

  constructor() {
    super();
    this.dated = false;
  }

  override render() {
    const { call, t } = this;
    const why = explanation(call);
    const date = new Date(call.startedAt);
    const time = timeOfDay(date);
    return html`<div class="row">
      <span class="sign ${call.missed ? 'missed' : ''}">${icon(directionIcon(call))}</span>
      <span class="grow">
        <span class=${call.missed ? 'bad' : ''}>${outcomeText(call)}</span>
        ${why === undefined ? nothing : html`<span class="why soft small">${why}</span>`}
        <span class="only-read">, ${t(call.direction === 'outgoing' ? 'history.outgoing' : 'history.incoming')}</span>
      </span>
      <time class="soft small" datetime=${call.startedAt}>${this.dated ? `${dayLabel(date, new Date())}, ${time}` : time}</time>
    </div>`;
  }
}
customElements.define('rd-call-row', RdCallRow);

/** The arrow of a call. */
export function directionIcon(call: CallSummary): IconName {
  if (call.missed) return 'missed';
  return call.direction;
}
