/** Groups, invitations to groups, and making a new one. */
import type { Group } from '@ringdown/protocol';
import { css, html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { Busy } from '../base/busy.ts';
import { go, place } from '../base/route.ts';
import { View } from '../base/view.ts';
import { icon } from '../ui/icon.ts';
import { loadState } from '../ui/load-state.ts';
import { rowStyles } from '../ui/row-styles.ts';
import { styles } from '../ui/styles.ts';

/** `<rd-group-list .app>`. */
class RdGroupList extends View {
  static override styles = [
    styles,
    rowStyles,
    css`
      form {
        position: relative;
        margin-bottom: 1rem;
      }
      input {
        padding-inline: 1.125rem 7rem;
        border-radius: 999px;
      }
      form button {
        position: absolute;
        inset: 2px 2px auto auto;
      }
      .sign {
        flex: none;
        display: grid;
        place-items: center;
        width: 48px;
        height: 48px;
        border-radius: 16px;
        background: var(--rd-accent-soft);
        color: var(--rd-on-accent-soft);
      }
      .invitations {
        margin-bottom: 1.5rem;
        padding: 1rem;
        border-radius: var(--rd-radius);
        background: var(--rd-accent-soft);
      }
      .invitations h2 {
        color: var(--rd-on-accent-soft);
        font-size: 0.9375rem;
      }
      .invitations .sign {
        background: var(--rd-surface);
      }
      .invitations button:not(.primary) {
        background: transparent;
      }
    `,
  ];
  readonly #busy = new Busy(this, (text) => this.app.say(text));

  protected override watched() {
    return [place, this.app.people.groups];
  }

  override render() {
    const { groups } = this.app.people;
    const list = groups.value.data;
    if (!list) return loadState(groups);
    const { t } = this;
    const invitations = list.filter((group) => group.membership === 'invited');
    const joined = list.filter((group) => group.membership === 'member');
    return html`
      <form @submit=${this.#create}>
        <label class="only-read" for="name">${t('groups.name')}</label>
        <input
          id="name"
          name="name"
          data-testid="group-name"
          autocomplete="off"
          maxlength="64"
          required
          placeholder=${t('groups.new')}
        />
        <button type="submit" class="tint" data-testid="group-create" ?disabled=${this.#busy.is('create')}>
          ${icon('plus')} ${t('groups.create')}
        </button>
      </form>
      ${
        invitations.length > 0
          ? html`<section class="invitations">
              <h2>${t('groups.invitations')}</h2>
              <ul>${repeat(
                invitations,
                (group) => group.id,
                (group) => this.#invitation(group),
              )}</ul>
            </section>`
          : nothing
      }
      <ul>${repeat(
        joined,
        (group) => group.id,
        (group) => this.#group(group),
      )}</ul>
      ${
        list.length === 0
          ? html`<div class="empty" data-testid="groups-empty">
              ${icon('group')}<strong>${t('groups.emptyTitle')}</strong>
              <p>${t('groups.emptyText')}</p>
            </div>`
          : nothing
      }
    `;
  }

  #group(group: Group): TemplateResult {
    const open = place.value.open?.id === group.id;
    const members = group.members.filter((member) => member.membership === 'member');
    return html`<li class="row item ${open ? 'open' : ''}" data-testid="group-row" data-name=${group.name}>
      <button
        type="button"
        class="face"
        aria-current=${open ? 'true' : nothing}
        @click=${() => go({ tab: 'people', open: { kind: 'group', id: group.id } })}
      >
        <span class="sign">${icon('group')}</span>
        <span class="grow">
          <strong class="clip">${group.name}</strong>
          <span class="small soft clip">${this.t('groups.memberCount', { count: members.length })}</span>
        </span>
      </button>
    </li>`;
  }

  #invitation(group: Group): TemplateResult {
    const { t } = this;
    const { name } = group;
    const owner = group.members.find((member) => member.id === group.ownerId);
    const busy = this.#busy.is(group.id);
    return html`<li class="row" data-testid="invitation-row" data-name=${name}>
      <span class="sign">${icon('group')}</span>
      <span class="grow">
        <strong class="clip">${name}</strong>
        ${owner ? html`<span class="small wrap">${owner.username} ${t('groups.invitedYou')}</span>` : nothing}
      </span>
      <button
        type="button"
        class="round"
        data-testid="group-decline"
        aria-label=${t('groups.declineOf', { name })}
        title=${t('people.decline')}
        ?disabled=${busy}
        @click=${() => this.#busy.run(group.id, () => this.app.people.leaveGroup(group.id))}
      >
        ${icon('close')}
      </button>
      <button
        type="button"
        class="primary round"
        data-testid="group-accept"
        aria-label=${t('groups.acceptOf', { name })}
        title=${t('groups.accept')}
        ?disabled=${busy}
        @click=${() => this.#busy.run(group.id, () => this.app.people.joinGroup(group.id))}
      >
        ${icon('check')}
      </button>
    </li>`;
  }

  async #create(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const name = String(new FormData(form).get('name')).trim();
    if (name === '') return;
    await this.#busy.run('create', async () => {
      const group = await this.app.people.createGroup(name);
      form.reset();
      go({ tab: 'people', open: { kind: 'group', id: group.id } });
    });
  }
}
customElements.define('rd-group-list', RdGroupList);
