/** The people tab: finding somebody, friends, groups; beside them whoever is open. */
import { css, html } from 'lit';
import { go, place } from '../base/route.ts';
import { View } from '../base/view.ts';
import { mark } from '../ui/mark.ts';
import { panes, styles } from '../ui/styles.ts';
import './find-person.ts';
import './friend-list.ts';
import './group-detail.ts';
import './group-list.ts';
import './person-detail.ts';

/** `<rd-people-view .app>`. */
class RdPeopleView extends View {
  static override properties = { section: { state: true }, open: { type: Boolean, reflect: true } };
  declare section: 'friends' | 'groups';
  /** Whether somebody is open: on a phone they then take the place of the list. */
  declare open: boolean;

  static override styles = [
    styles,
    panes,
    css`
      .tabs {
        display: grid;
        grid-template-columns: 1fr 1fr;
        gap: 0.25rem;
        margin: 1.25rem 0;
        padding: 0.25rem;
        border-radius: 999px;
        background: var(--rd-sunken);
      }
      .tabs button {
        background: none;
        color: var(--rd-ink-soft);
      }
      .tabs button[aria-pressed='true'] {
        background: var(--rd-raised);
        color: var(--rd-ink);
        box-shadow: 0 1px 4px rgb(60 30 10 / 14%);
      }
      .title {
        display: flex;
        align-items: center;
        gap: 0.625rem;
        margin-bottom: 1.125rem;
      }
      .title svg {
        width: 2.25rem;
        height: 2.25rem;
        color: var(--rd-accent);
      }
      .count {
        min-width: 1.25rem;
        padding: 0 0.3rem;
        border-radius: 999px;
        background: var(--rd-bad);
        color: var(--rd-on-bad);
        font-size: 0.75rem;
        line-height: 1.25rem;
      }
      .pick {
        height: 100%;
        align-content: center;
      }
      @media (min-width: 900px) {
        .title svg {
          display: none;
        }
      }
    `,
  ];

  constructor() {
    super();
    this.section = place.value.open?.kind === 'group' ? 'groups' : 'friends';
    this.open = false;
  }

  protected override watched() {
    return [place, this.app.people.groups, this.app.people.friends];
  }

  protected override willUpdate(): void {
    this.open = place.value.open !== undefined;
  }

  override render() {
    const { t, app } = this;
    return html`
      <div class="list">
        <div class="title">${mark}<h1>${t('nav.people')}</h1></div>
        <rd-find-person .app=${app}></rd-find-person>
        <div class="tabs">${this.#tab('friends')}${this.#tab('groups')}</div>
        ${
          this.section === 'friends'
            ? html`<rd-friend-list .app=${app}></rd-friend-list>`
            : html`<rd-group-list .app=${app}></rd-group-list>`
        }
      </div>
      <div class="detail">${this.#detail()}</div>
    `;
  }

  #tab(section: 'friends' | 'groups') {
    const { friends, groups } = this.app.people;
    const waiting =
      section === 'friends'
        ? (friends.value.data?.incoming.length ?? 0)
        : (groups.value.data ?? []).filter((group) => group.membership === 'invited').length;
    return html`<button
      type="button"
      data-testid="section-${section}"
      aria-pressed=${this.section === section}
      @click=${() => {
        this.section = section;
      }}
    >
      ${this.t(`people.${section}`)}
      ${waiting > 0 ? html`<span class="count" aria-label=${this.t('nav.badge', { count: waiting })}>${waiting}</span>` : ''}
    </button>`;
  }

  #detail() {
    const { open } = place.value;
    const back = () => go({ tab: 'people', open: undefined });
    if (open?.kind === 'user') {
      return html`<rd-person-detail .app=${this.app} .userId=${open.id} @back=${back}></rd-person-detail>`;
    }
    if (open?.kind === 'group') {
      return html`<rd-group-detail .app=${this.app} .groupId=${open.id} @back=${back}></rd-group-detail>`;
    }
    return html`<div class="empty pick">
      ${mark}<strong>${this.t('people.pick')}</strong>
      <p>${this.t('people.pickText')}</p>
    </div>`;
  }
}
customElements.define('rd-people-view', RdPeopleView);
