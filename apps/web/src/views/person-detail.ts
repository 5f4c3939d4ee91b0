/** One person: calling them, the last calls with them, befriending, blocking. */
import type { CallSummary, PublicUser } from '@ringdown/protocol';
import { css, html, nothing } from 'lit';
import { Busy } from '../base/busy.ts';
import { View } from '../base/view.ts';
import type { Tie } from '../people/people.ts';
import { icon } from '../ui/icon.ts';
import { styles } from '../ui/styles.ts';
import '../ui/avatar.ts';
import './call-row.ts';

const RECENT = 8;

/** `<rd-person-detail .app .userId>`; says `back` when it should be closed. */
class RdPersonDetail extends View {
  static override properties = { userId: { attribute: false } };
  declare userId: string;
  readonly #busy = new Busy(this, (text) => this.app.say(text));

  static override styles = [
    styles,
    css`
      .page {
        max-width: 40rem;
        margin-inline: auto;
      }
      .back {
        margin: 0 0 0.5rem -0.5rem;
      }
      .who {
        display: grid;
        justify-items: center;
        gap: 0.375rem;
        padding: 1rem 0 1.5rem;
        text-align: center;
      }
      .who rd-avatar {
        margin-bottom: 0.625rem;
      }
      .calls {
        display: grid;
        grid-template-columns: 1fr 1fr;
        gap: 0.75rem;
        max-width: 24rem;
        margin: 0 auto 2rem;
      }
      .calls button {
        min-height: 56px;
      }
      section {
        margin-bottom: 2rem;
      }
      h2.label {
        margin-bottom: 0.5rem;
      }
      .center {
        justify-content: center;
        margin-bottom: 2rem;
        text-align: center;
      }
      @media (min-width: 900px) {
        .back {
          display: none;
        }
        .who {
          padding-top: 2.5rem;
        }
      }
    `,
  ];

  protected override watched() {
    const { people, history } = this.app;
    return [people.friends, people.groups, people.blocked, history.pages];
  }

  override render() {
    const { t, app } = this;
    const calls = (app.history.pages.value.data?.calls ?? []).filter(({ peer }) => peer.id === this.userId);
    const user = app.people.known(this.userId) ?? calls[0]?.peer;
    const tie = app.people.tieTo(this.userId);
    return html`<div class="page">
      <button type="button" class="plain back" data-testid="back" @click=${() => this.dispatchEvent(new Event('back'))}>
        ${icon('back')} ${t('nav.back')}
      </button>
      ${user ? this.#person(user, tie, calls.slice(0, RECENT)) : html`<p class="empty">${t('people.unknown')}</p>`}
    </div>`;
  }

  #person(user: PublicUser, tie: Tie, calls: readonly CallSummary[]) {
    const { t } = this;
    return html`
      <div class="who" data-testid="person-detail" data-username=${user.username} data-tie=${tie}>
        <rd-avatar .user=${user} size="l"></rd-avatar>
        <h1 class="wrap">${user.username}</h1>
        <p class="soft">${this.#tieText(tie)}</p>
      </div>
      ${this.#actions(user, tie)}
      <section>
        <h2 class="label">${t('people.recent')}</h2>
        ${
          calls.length > 0
            ? html`<ul>
                ${calls.map((call) => html`<li><rd-call-row .app=${this.app} .call=${call} dated></rd-call-row></li>`)}
              </ul>`
            : html`<p class="soft">${t('people.noRecent', { name: user.username })}</p>`
        }
      </section>
      <div class="buttons">${this.#severe(user, tie)}</div>
    `;
  }

  #tieText(tie: Tie): string {
    if (tie === 'friend') return this.t('people.isFriend');
    if (tie === 'group') return this.t('people.inGroup');
    if (tie === 'blocked') return this.t('people.isBlocked');
    if (tie === 'asked-by-me') return this.t('people.requestSent');
    return '';
  }

  #actions(user: PublicUser, tie: Tie) {
    const { t } = this;
    if (tie === 'me' || tie === 'blocked') return nothing;
    const calls = html`<div class="calls">
      <button type="button" class="tint" data-testid="person-audio" @click=${() => this.app.desk.dial(user, false)}>
        ${icon('phone')} ${t('people.callAudio')}
      </button>
      <button type="button" class="primary" data-testid="person-video" @click=${() => this.app.desk.dial(user, true)}>
        ${icon('camera')} ${t('people.callVideo')}
      </button>
    </div>`;
    if (tie === 'friend') return calls;
    return html`${this.app.people.mayCall(user.id) ? calls : html`<p class="soft center">${t('people.notCallable')}</p>`}
      <div class="buttons center">${this.#befriending(user, tie)}</div>`;
  }

  #befriending(user: PublicUser, tie: Tie) {
    const { t } = this;
    const { people } = this.app;
    if (tie === 'asked-by-me') {
      return html`<button
        type="button"
        ?disabled=${this.#busy.is('friend')}
        @click=${() => this.#busy.run('friend', () => people.unfriend(user.id))}
      >
        ${t('people.takeBack')}
      </button>`;
    }
    return html`<button
      type="button"
      class="tint"
      data-testid="person-befriend"
      ?disabled=${this.#busy.is('friend')}
      @click=${() => this.#busy.run('friend', () => people.befriend(user.id))}
    >
      ${icon('plus')} ${t(tie === 'asked-me' ? 'people.accept' : 'people.befriend')}
    </button>`;
  }

  #severe(user: PublicUser, tie: Tie) {
    const { t } = this;
    if (tie === 'me') return nothing;
    if (tie === 'blocked') {
      return html`<button
        type="button"
        data-testid="unblock"
        ?disabled=${this.#busy.is('block')}
        @click=${() => this.#busy.run('block', () => this.app.people.unblock(user.id))}
      >
        ${t('people.unblock')}
      </button>`;
    }
    return html`
      ${
        tie === 'friend'
          ? html`<button type="button" class="danger" data-testid="unfriend" @click=${() => this.#unfriend(user)}>
              ${icon('person-minus')} ${t('people.unfriend')}
            </button>`
          : nothing
      }
      <button type="button" class="danger" data-testid="block" @click=${() => this.#block(user)}>
        ${icon('block')} ${t('people.block')}
      </button>
    `;
  }

  async #unfriend(user: PublicUser): Promise<void> {
    const { t } = this;
    const name = user.username;
    const question = {
      title: t('people.unfriendTitle', { name }),
      text: t('people.unfriendText'),
      action: t('people.unfriend'),
    };
    if (!(await this.app.ask(question))) return;
    await this.#busy.run('friend', () => this.app.people.unfriend(user.id));
  }

  async #block(user: PublicUser): Promise<void> {
    const { t } = this;
    const name = user.username;
    const question = {
      title: t('people.blockTitle', { name }),
      text: t('people.blockText'),
      action: t('people.block'),
    };
    if (!(await this.app.ask(question))) return;
    await this.#busy.run('block', () => this.app.people.block(user.id));
  }
}
customElements.define('rd-person-detail', RdPersonDetail);
