/** One group: its members, calling them, inviting, leaving. */
import type { Group } from '@ringdown/protocol';
import { css, html, nothing } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { Busy } from '../base/busy.ts';
import { go } from '../base/route.ts';
import { View } from '../base/view.ts';
import { callButtons } from '../ui/call-buttons.ts';
import { icon } from '../ui/icon.ts';
import { rowStyles } from '../ui/row-styles.ts';
import { styles } from '../ui/styles.ts';
import '../ui/avatar.ts';

type Member = Group['members'][number];

/** `<rd-group-detail .app .groupId>`; says `back` when it should be closed. */
class RdGroupDetail extends View {
  static override properties = { groupId: { attribute: false } };
  declare groupId: string;
  readonly #busy = new Busy(this, (text) => this.app.say(text));

  static override styles = [
    styles,
    rowStyles,
    css`
      .page {
        max-width: 40rem;
        margin-inline: auto;
      }
      .back {
        margin: 0 0 0.5rem -0.5rem;
      }
      .head {
        display: grid;
        justify-items: center;
        gap: 0.375rem;
        padding: 1rem 0 1.75rem;
        text-align: center;
      }
      .sign {
        display: grid;
        place-items: center;
        width: 88px;
        height: 88px;
        margin-bottom: 0.5rem;
        border-radius: 28px;
        background: var(--rd-accent-soft);
        color: var(--rd-on-accent-soft);
      }
      .sign .icon {
        width: 2.75rem;
        height: 2.75rem;
      }
      form {
        position: relative;
        margin-bottom: 2rem;
      }
      form input {
        padding-inline: 1.125rem 7rem;
        border-radius: 999px;
      }
      form button {
        position: absolute;
        inset: 2px 2px auto auto;
      }
      ul {
        margin-bottom: 2rem;
      }
      .tag {
        padding: 0.125rem 0.625rem;
        border-radius: 999px;
        background: var(--rd-sunken);
        color: var(--rd-ink-soft);
        font-size: 0.8125rem;
      }
      @media (min-width: 900px) {
        .back {
          display: none;
        }
        .head {
          padding-top: 2.5rem;
        }
      }
    `,
  ];

  protected override watched() {
    return [this.app.people.groups, this.app.people.blocked];
  }

  override render() {
    const { t } = this;
    const group = this.app.people.groups.value.data?.find(({ id }) => id === this.groupId);
    return html`<div class="page">
      <button type="button" class="plain back" data-testid="back" @click=${() => this.dispatchEvent(new Event('back'))}>
        ${icon('back')} ${t('nav.back')}
      </button>
      ${group ? this.#group(group) : html`<p class="empty">${t('groups.unknown')}</p>`}
    </div>`;
  }

  #group(group: Group) {
    const { t } = this;
    return html`
      <div class="head" data-testid="group-detail" data-name=${group.name}>
        <span class="sign">${icon('group')}</span>
        <h1 class="wrap">${group.name}</h1>
      </div>
      <form @submit=${(event: SubmitEvent) => this.#invite(event, group)}>
        <label class="only-read" for="name">${t('groups.invite')}</label>
        <input
          id="name"
          name="name"
          data-testid="group-invite-input"
          autocomplete="off"
          autocapitalize="none"
          spellcheck="false"
          maxlength="64"
          required
          placeholder=${t('groups.invite')}
        />
        <button type="submit" class="tint" data-testid="group-invite-submit" ?disabled=${this.#busy.is('invite')}>
          ${icon('plus')} ${t('groups.inviteSubmit')}
        </button>
      </form>
      <h2 class="label">${t('groups.members')}</h2>
      <ul>${repeat(
        group.members,
        (member) => member.id,
        (member) => this.#member(group, member),
      )}</ul>
      <button type="button" class="danger" data-testid="group-leave" @click=${() => this.#leave(group)}>
        ${icon('leave')} ${t('groups.leave')}
      </button>
    `;
  }

  #member(group: Group, member: Member) {
    const { t, app } = this;
    const mine = member.id === app.ownId;
    const pending = member.membership === 'invited';
    const name = member.username;
    const blocked = app.people.tieTo(member.id) === 'blocked';
    const role = pending
      ? t('groups.pending')
      : mine
        ? t('groups.you')
        : member.id === group.ownerId
          ? t('groups.owner')
          : '';
    return html`<li class="row item" data-testid="member-row" data-username=${name} data-membership=${member.membership}>
      <button
        type="button"
        class="face"
        ?disabled=${mine}
        @click=${() => go({ tab: 'people', open: { kind: 'user', id: member.id } })}
      >
        <rd-avatar .user=${member}></rd-avatar>
        <span class="grow"><strong class="clip">${name}</strong></span>
        ${role ? html`<span class="tag">${role}</span>` : nothing}
      </button>
      ${mine || pending || blocked ? nothing : callButtons(app, member)}
      ${
        app.ownId === group.ownerId && !mine
          ? html`<button
              type="button"
              class="plain round"
              data-testid="member-remove"
              aria-label=${t('groups.remove', { name })}
              title=${t('groups.remove', { name })}
              ?disabled=${this.#busy.is(member.id)}
              @click=${() => this.#busy.run(member.id, () => app.people.removeMember(group.id, member.id))}
            >
              ${icon('close')}
            </button>`
          : nothing
      }
    </li>`;
  }

  async #invite(event: SubmitEvent, group: Group): Promise<void> {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const name = String(new FormData(form).get('name')).trim();
    if (name === '') return;
    await this.#busy.run('invite', async () => {
      const user = await this.app.api.findByName(name);
      if (!user) {
        this.app.say(this.t('people.notFound', { name }));
      } else if (group.members.some((member) => member.id === user.id)) {
        this.app.say(this.t('groups.alreadyIn', { name: user.username }));
      } else {
        await this.app.people.invite(group.id, user.id);
        this.app.say(this.t('groups.invited', { name: user.username }));
        form.reset();
      }
    });
  }

  async #leave(group: Group): Promise<void> {
    const { t } = this;
    const question = {
      title: t('groups.leaveTitle', { name: group.name }),
      text: t('groups.leaveText'),
      action: t('groups.leave'),
    };
    if (!(await this.app.ask(question))) return;
    const left = await this.#busy.run('leave', () => this.app.people.leaveGroup(group.id));
    if (left) go({ tab: 'people', open: undefined });
  }
}
customElements.define('rd-group-detail', RdGroupDetail);
