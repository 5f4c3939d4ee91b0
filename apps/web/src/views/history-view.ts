/** The history tab: calls grouped by day, missed ones marked; beside them the person of the call that is open. */
import type { CallSummary } from '@ringdown/protocol';
import { css, html, nothing } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { go, place } from '../base/route.ts';
import { View } from '../base/view.ts';
import { outcomeText } from '../history/call-line.ts';
import { groupByDay } from '../history/day-groups.ts';
import { errorText } from '../i18n/error-text.ts';
import { dayLabel, timeOfDay } from '../i18n/when.ts';
import { icon } from '../ui/icon.ts';
import { loadState } from '../ui/load-state.ts';
import { rowStyles } from '../ui/row-styles.ts';
import { panes, styles } from '../ui/styles.ts';
import '../ui/avatar.ts';
import { directionIcon } from './call-row.ts';
import './person-detail.ts';

/** `<rd-history-view .app>`. */
class RdHistoryView extends View {
  static override properties = { open: { type: Boolean, reflect: true } };
  declare open: boolean;

  static override styles = [
    styles,
    panes,
    rowStyles,
    css`
      h1 {
        margin-bottom: 1.25rem;
      }
      h2.label {
        margin: 1.5rem 0 0.25rem;
      }
      .line {
        display: flex !important;
        align-items: center;
        gap: 0.25rem;
      }
      .line .icon {
        width: 1rem;
        height: 1rem;
      }
      .more {
        display: grid;
        justify-items: center;
        gap: 0.5rem;
        padding: 1.25rem;
      }
      .pick {
        height: 100%;
        align-content: center;
      }
    `,
  ];

  constructor() {
    super();
    this.open = false;
  }

  protected override watched() {
    const { history, people } = this.app;
    return [place, history.pages, history.more, people.friends, people.groups, people.blocked];
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.app.history.refresh();
  }

  protected override willUpdate(): void {
    this.open = place.value.open !== undefined;
  }

  protected override updated(): void {
    if (!document.hidden) this.app.history.markSeen();
  }

  override render() {
    const { t, app } = this;
    const { open } = place.value;
    return html`
      <div class="list">
        <h1>${t('history.title')}</h1>
        ${this.#calls()}
      </div>
      <div class="detail">
        ${
          open?.kind === 'user'
            ? html`<rd-person-detail
                .app=${app}
                .userId=${open.id}
                @back=${() => go({ tab: 'history', open: undefined })}
              ></rd-person-detail>`
            : html`<div class="empty pick">${icon('clock')}<p>${t('history.pick')}</p></div>`
        }
      </div>
    `;
  }

  #calls() {
    const { t, app } = this;
    const { pages, more } = app.history;
    const { data } = pages.value;
    if (!data) return loadState(pages);
    if (data.calls.length === 0) {
      return html`<div class="empty" data-testid="history-empty">
        ${icon('clock')}<strong>${t('history.emptyTitle')}</strong>
        <p>${t('history.emptyText')}</p>
      </div>`;
    }
    const now = new Date();
    return html`
      ${groupByDay(data.calls).map(
        (day) => html`<section>
          <h2 class="label">${dayLabel(day.date, now)}</h2>
          <ul>${repeat(
            day.calls,
            (call) => call.callId,
            (call) => this.#row(call),
          )}</ul>
        </section>`,
      )}
      ${
        data.nextCursor === null
          ? nothing
          : html`<div class="more">
              ${more.value.error ? html`<p class="bad" role="alert">${errorText(more.value.error)}</p>` : nothing}
              <button
                type="button"
                data-testid="history-more"
                ?disabled=${more.value.loading}
                @click=${() => app.history.loadMore()}
              >
                ${t(more.value.loading ? 'common.loading' : 'history.more')}
              </button>
            </div>`
      }
    `;
  }

  #row(call: CallSummary) {
    const { t, app } = this;
    const { peer } = call;
    const video = call.callType === 'video';
    const open = place.value.open?.id === peer.id;
    const kind = t(video ? 'history.videoCall' : 'history.audioCall');
    const direction = t(call.direction === 'outgoing' ? 'history.outgoing' : 'history.incoming');
    return html`<li
      class="row item ${open ? 'open' : ''}"
      data-testid="history-row"
      data-outcome=${call.outcome}
      data-missed=${call.missed}
      data-direction=${call.direction}
      data-username=${peer.username}
    >
      <button
        type="button"
        class="face"
        aria-current=${open ? 'true' : nothing}
        @click=${() => go({ tab: 'history', open: { kind: 'user', id: peer.id } })}
      >
        <rd-avatar .user=${peer}></rd-avatar>
        <span class="grow">
          <strong class="clip ${call.missed ? 'bad' : ''}">${peer.username}</strong>
          <span class="line small ${call.missed ? 'bad' : 'soft'}">
            ${icon(directionIcon(call))}
            <span class="only-read">${direction}, ${kind},</span>
            <span class="clip">${outcomeText(call)}</span>
          </span>
        </span>
        <time class="small soft" datetime=${call.startedAt}>${timeOfDay(new Date(call.startedAt))}</time>
      </button>
      ${
        app.people.mayCall(peer.id)
          ? html`<button
              type="button"
              class="tint round"
              data-testid="call-back"
              aria-label=${t(video ? 'people.callVideoTo' : 'people.callAudioTo', { name: peer.username })}
              title=${kind}
              @click=${() => app.desk.dial(peer, video)}
            >
              ${icon(video ? 'camera' : 'phone')}
            </button>`
          : nothing
      }
    </li>`;
  }
}
customElements.define('rd-history-view', RdHistoryView);
