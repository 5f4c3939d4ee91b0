/** Looking somebody up by their exact name, and asking them to be friends. */
import type { PublicUser } from '@ringdown/protocol';
import { css, html, nothing } from 'lit';
import { Busy } from '../base/busy.ts';
import { go } from '../base/route.ts';
import { View } from '../base/view.ts';
import { callButtons } from '../ui/call-buttons.ts';
import { icon } from '../ui/icon.ts';
import { styles } from '../ui/styles.ts';
import '../ui/avatar.ts';

/** `<rd-find-person .app>`. */
class RdFindPerson extends View {
  static override properties = { found: { state: true }, missing: { state: true } };
  declare found: PublicUser | undefined;
  /** The name nobody has. */
  declare missing: string | undefined;
  readonly #busy = new Busy(this, (text) => this.app.say(text));

  static override styles = [
    styles,
    css`
      form {
        position: relative;
      }
      input {
        padding-inline: 1.125rem 6.5rem;
        border-radius: 999px;
      }
      form button {
        position: absolute;
        inset: 2px 2px auto auto;
      }
      .result {
        margin-top: 0.75rem;
        padding: 0.75rem 1rem;
      }
    `,
  ];

  protected override watched() {
    return [this.app.people.friends, this.app.people.blocked, this.app.people.groups];
  }

  override render() {
    const { t } = this;
    return html`
      <form role="search" @submit=${this.#find}>
        <label class="only-read" for="name">${t('people.find')}</label>
        <input
          id="name"
          name="name"
          data-testid="find-input"
          type="search"
          autocomplete="off"
          autocapitalize="none"
          spellcheck="false"
          enterkeyhint="search"
          maxlength="64"
          placeholder=${t('people.find')}
          @input=${this.#forget}
        />
        <button type="submit" class="tint" data-testid="find-submit" ?disabled=${this.#busy.is('find')}>
          ${icon('search')} ${t('people.findSubmit')}
        </button>
      </form>
      <div role="status">
        ${this.missing ? html`<p class="notice calm result wrap" data-testid="find-none">${t('people.notFound', { name: this.missing })}</p>` : nothing}
        ${this.found ? this.#result(this.found) : nothing}
      </div>
    `;
  }

  #result(user: PublicUser) {
    return html`<div class="card row result" data-testid="found-person" data-username=${user.username}>
      <rd-avatar .user=${user}></rd-avatar>
      <strong class="grow clip">${user.username}</strong>
      ${this.#action(user)}
    </div>`;
  }

  #action(user: PublicUser) {
    const { t } = this;
    const show = html`<button
      type="button"
      @click=${() => go({ tab: 'people', open: { kind: 'user', id: user.id } })}
      aria-label=${t('history.details', { name: user.username })}
    >
      ${t('people.isBlocked')}
    </button>`;
    switch (this.app.people.tieTo(user.id)) {
      case 'me':
        return html`<span class="soft">${t('people.itsYou')}</span>`;
      case 'friend':
        return callButtons(this.app, user);
      case 'asked-by-me':
        return html`<span class="soft">${t('people.requestSent')}</span>`;
      case 'blocked':
        return show;
      default:
        return html`<button
          type="button"
          class="primary"
          data-testid="befriend"
          ?disabled=${this.#busy.is('befriend')}
          @click=${() => this.#befriend(user)}
        >
          ${t('people.befriend')}
        </button>`;
    }
  }

  #forget(): void {
    this.found = undefined;
    this.missing = undefined;
  }

  async #find(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const name = String(new FormData(event.target as HTMLFormElement).get('name')).trim();
    if (name === '') return;
    this.#forget();
    await this.#busy.run('find', async () => {
      this.found = await this.app.api.findByName(name);
      this.missing = this.found ? undefined : name;
    });
  }

  async #befriend(user: PublicUser): Promise<void> {
    await this.#busy.run('befriend', async () => {
      const status = await this.app.people.befriend(user.id);
      if (status === 'friends') this.app.say(this.t('people.befriended', { name: user.username }));
    });
  }
}
customElements.define('rd-find-person', RdFindPerson);
