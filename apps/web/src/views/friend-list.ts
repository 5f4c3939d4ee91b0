/** Friends with their call buttons; above them who asks to be one, below them whom one has asked. */
import type { PublicUser } from '@ringdown/protocol';
import { css, html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { Busy } from '../base/busy.ts';
import { go, place } from '../base/route.ts';
import { View } from '../base/view.ts';
import { outcomeText } from '../history/call-line.ts';
import { dayLabel, timeOfDay } from '../i18n/when.ts';
import { callButtons } from '../ui/call-buttons.ts';
import { icon } from '../ui/icon.ts';
import { loadState } from '../ui/load-state.ts';
import { mark } from '../ui/mark.ts';
import { rowStyles } from '../ui/row-styles.ts';
import { styles } from '../ui/styles.ts';
import '../ui/avatar.ts';

/** `<rd-friend-list .app>`. */
class RdFriendList extends View {
  static override styles = [
    styles,
    rowStyles,
    css`
      section + section {
        margin-top: 1.5rem;
      }
      .requests {
        padding: 1rem;
        border-radius: var(--rd-radius);
        background: var(--rd-accent-soft);
      }
      .requests h2 {
        color: var(--rd-on-accent-soft);
        font-size: 0.9375rem;
      }
      .requests button:not(.primary) {
        background: transparent;
      }
    `,
  ];
  readonly #busy = new Busy(this, (text) => this.app.say(text));

  protected override watched() {
    return [place, this.app.people.friends, this.app.history.pages];
  }

  override render() {
    const { friends } = this.app.people;
    const lists = friends.value.data;
    if (!lists) return loadState(friends);
    const { t } = this;
    const sorted = [...lists.friends].sort((a, b) => a.username.localeCompare(b.username));
    const isEmpty = lists.friends.length + lists.incoming.length + lists.outgoing.length === 0;
    return html`
      ${
        lists.incoming.length > 0
          ? html`<section class="requests">
              <h2>${t('people.requests')}</h2>
              <ul>${repeat(
                lists.incoming,
                (user) => user.id,
                (user) => this.#request(user),
              )}</ul>
            </section>`
          : nothing
      }
      ${
        sorted.length > 0
          ? html`<section>
              <h2 class="only-read">${t('people.friends')}</h2>
              <ul>${repeat(
                sorted,
                (user) => user.id,
                (user) => this.#friend(user),
              )}</ul>
            </section>`
          : nothing
      }
      ${
        lists.outgoing.length > 0
          ? html`<section>
              <h2 class="label">${t('people.sentRequests')}</h2>
              <ul>${repeat(
                lists.outgoing,
                (user) => user.id,
                (user) => this.#sent(user),
              )}</ul>
            </section>`
          : nothing
      }
      ${
        isEmpty
          ? html`<div class="empty" data-testid="friends-empty">
              ${mark}<strong>${t('people.emptyTitle')}</strong>
              <p>${t('people.emptyText')}</p>
            </div>`
          : nothing
      }
    `;
  }

  #friend(user: PublicUser): TemplateResult {
    const open = place.value.open?.id === user.id;
    return html`<li class="row item ${open ? 'open' : ''}" data-testid="friend-row" data-username=${user.username}>
      <button
        type="button"
        class="face"
        aria-current=${open ? 'true' : nothing}
        @click=${() => go({ tab: 'people', open: { kind: 'user', id: user.id } })}
      >
        <rd-avatar .user=${user}></rd-avatar>
        <span class="grow">
          <strong class="clip">${user.username}</strong>
          ${this.#lastCall(user)}
        </span>
      </button>
      ${callButtons(this.app, user)}
    </li>`;
  }

  #lastCall(user: PublicUser) {
    const call = this.app.history.pages.value.data?.calls.find(({ peer }) => peer.id === user.id);
    if (!call) return nothing;
    const date = new Date(call.startedAt);
    const day = dayLabel(date, new Date());
    const when = day === this.t('history.today') ? timeOfDay(date) : day;
    return html`<span class="small clip ${call.missed ? 'bad' : 'soft'}">${outcomeText(call)} · ${when}</span>`;
  }

  #request(user: PublicUser): TemplateResult {
    const { t } = this;
    const { username: name } = user;
    const busy = this.#busy.is(user.id);
    return html`<li class="row" data-testid="request-row" data-username=${name}>
      <rd-avatar .user=${user}></rd-avatar>
      <span class="grow">
        <strong class="clip">${name}</strong>
        <span class="small">${t('people.requestFrom')}</span>
      </span>
      <button
        type="button"
        class="round"
        data-testid="request-decline"
        aria-label=${t('people.declineFrom', { name })}
        title=${t('people.decline')}
        ?disabled=${busy}
        @click=${() => this.#busy.run(user.id, () => this.app.people.unfriend(user.id))}
      >
        ${icon('close')}
      </button>
      <button
        type="button"
        class="primary round"
        data-testid="request-accept"
        aria-label=${t('people.acceptFrom', { name })}
        title=${t('people.accept')}
        ?disabled=${busy}
        @click=${() => this.#accept(user)}
      >
        ${icon('check')}
      </button>
    </li>`;
  }

  #sent(user: PublicUser): TemplateResult {
    const { t } = this;
    const { username: name } = user;
    return html`<li class="row" data-testid="sent-row" data-username=${name}>
      <rd-avatar .user=${user}></rd-avatar>
      <strong class="grow clip">${name}</strong>
      <button
        type="button"
        data-testid="request-cancel"
        aria-label=${t('people.takeBackFrom', { name })}
        ?disabled=${this.#busy.is(user.id)}
        @click=${() => this.#busy.run(user.id, () => this.app.people.unfriend(user.id))}
      >
        ${t('people.takeBack')}
      </button>
    </li>`;
  }

  async #accept(user: PublicUser): Promise<void> {
    const done = await this.#busy.run(user.id, () => this.app.people.befriend(user.id));
    if (done) this.app.say(this.t('people.befriended', { name: user.username }));
  }
}
customElements.define('rd-friend-list', RdFriendList);
