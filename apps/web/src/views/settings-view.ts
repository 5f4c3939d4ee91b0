/** The settings tab: profile, language, calls, notifications, password, blocked people, signing out. */
import type { Language, RestBody } from '@ringdown/protocol';
import { css, html, nothing } from 'lit';
import { Busy } from '../base/busy.ts';
import { View } from '../base/view.ts';
import { playTune, type StopTune } from '../calls/tone-player.ts';
import { RING_TUNES } from '../calls/tones.ts';
import { errorText } from '../i18n/error-text.ts';
import { chooseLanguage, LANGUAGE_NAMES, language } from '../i18n/language.ts';
import { ApiError } from '../session/api-error.ts';
import { chooseRingTone, RING_TONES, type RingTone, ringTone } from '../settings/preferences.ts';
import { randomAvatar } from '../settings/random-avatar.ts';
import { icon } from '../ui/icon.ts';
import { loadState } from '../ui/load-state.ts';
import { styles } from '../ui/styles.ts';
import '../ui/avatar.ts';

/** `<rd-settings-view .app>`. */
class RdSettingsView extends View {
  static override properties = { passwordNote: { state: true } };
  /** How the last change of the password went. */
  declare passwordNote: { text: string; bad: boolean } | undefined;
  readonly #busy = new Busy(this, (text) => this.app.say(text));
  #stopPreview: StopTune | undefined;

  static override styles = [
    styles,
    css`
      :host {
        height: 100%;
        overflow-y: auto;
        overscroll-behavior: contain;
        padding: max(1.25rem, var(--rd-top)) max(1rem, var(--rd-right)) 2rem max(1rem, var(--rd-left));
      }
      .page {
        display: grid;
        gap: 1rem;
        max-width: 44rem;
        margin-inline: auto;
      }
      h1 {
        margin-bottom: 0.25rem;
      }
      .card > * + * {
        margin-top: 1rem;
      }
      h2 {
        font-size: 1.0625rem;
      }
      .profile {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 1.25rem;
      }
      .profile > * + * {
        margin-top: 0;
      }
      .profile .grow {
        flex-basis: 12rem;
      }
      .switch {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        align-items: center;
        gap: 0.125rem 1rem;
        min-height: 44px;
        font-weight: 600;
        cursor: pointer;
      }
      .switch p {
        grid-row: 2;
        font-weight: 400;
      }
      .switch input {
        appearance: none;
        grid-row: 1 / span 2;
        grid-column: 2;
        position: relative;
        width: 54px;
        min-height: 0;
        height: 32px;
        margin: 6px 0;
        padding: 0;
        border: 2px solid var(--rd-field-line);
        border-radius: 999px;
        background: var(--rd-sunken);
        cursor: pointer;
        transition: background-color 0.2s;
      }
      .switch input::before {
        content: '';
        position: absolute;
        top: 4px;
        left: 4px;
        width: 20px;
        height: 20px;
        border-radius: 50%;
        background: var(--rd-field-line);
        transition: transform 0.2s var(--rd-ease);
      }
      .switch input:checked {
        border-color: var(--rd-accent);
        background: var(--rd-accent);
      }
      .switch input:checked::before {
        background: var(--rd-on-accent);
        transform: translateX(22px);
      }
      .choice {
        display: flex;
        gap: 0.625rem;
        margin-top: 0.375rem;
      }
      form > * + * {
        margin-top: 1rem;
      }
      .good {
        color: var(--rd-good);
      }
      @media (min-width: 900px) {
        :host {
          padding: 2rem;
        }
        .card {
          padding: 1.5rem;
        }
      }
    `,
  ];

  protected override watched() {
    const { account, people } = this.app;
    return [account, people.blocked, ringTone];
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.app.account.refresh();
    void this.app.people.blocked.refresh();
  }

  override disconnectedCallback(): void {
    this.#stopPreview?.();
    super.disconnectedCallback();
  }

  override render() {
    return html`<div class="page">
      <h1>${this.t('settings.title')}</h1>
      ${this.#profile()} ${this.#language()} ${this.#calls()} ${this.#notifications()} ${this.#password()}
      ${this.#blocked()} ${this.#leaving()}
    </div>`;
  }

  #profile() {
    const { t, app } = this;
    const own = app.account.value.data ?? app.session.tokens.value?.user;
    return html`<section class="card profile" aria-label=${t('settings.profile')}>
      <rd-avatar .user=${own} size="l"></rd-avatar>
      <div class="grow">
        <h2 class="wrap" data-testid="own-name">${own?.username}</h2>
        <p class="small soft">${t('settings.newPictureHint')}</p>
      </div>
      <button
        type="button"
        data-testid="avatar-roll"
        ?disabled=${this.#busy.is('avatar')}
        @click=${() => this.#busy.run('avatar', () => app.account.change({ avatar: randomAvatar() }))}
      >
        ${icon('dice')} ${t('settings.newPicture')}
      </button>
    </section>`;
  }

  #language() {
    const { t } = this;
    return html`<section class="card">
      <label for="language">${t('settings.languageLabel')}</label>
      <select
        id="language"
        data-testid="language-select"
        @change=${(event: Event) => chooseLanguage((event.target as HTMLSelectElement).value as Language)}
      >
        ${Object.entries(LANGUAGE_NAMES).map(
          ([code, name]) =>
            html`<option value=${code} lang=${code} ?selected=${code === language.value}>${name}</option>`,
        )}
      </select>
    </section>`;
  }

  #calls() {
    const { t } = this;
    const { account } = this.app;
    return html`<section class="card">
      <h2>${t('settings.calls')}</h2>
      <div>
        <label for="ring">${t('settings.ring')}</label>
        <div class="choice">
          <select
            id="ring"
            data-testid="ring-select"
            @change=${(event: Event) => {
              chooseRingTone((event.target as HTMLSelectElement).value as RingTone);
              this.#preview();
            }}
          >
            ${RING_TONES.map(
              (tone) =>
                html`<option value=${tone} ?selected=${tone === ringTone.value}>${t(`settings.ring.${tone}`)}</option>`,
            )}
          </select>
          <button
            type="button"
            class="round"
            aria-label=${t('settings.preview')}
            title=${t('settings.preview')}
            ?disabled=${ringTone.value === 'silent'}
            @click=${this.#preview}
          >
            ${icon('sound')}
          </button>
        </div>
      </div>
      ${
        account.value.data
          ? html`${this.#switch('doNotDisturb', t('settings.dnd'), t('settings.dndHint'))}
            ${this.#switch('hideBusy', t('settings.hideBusy'), t('settings.hideBusyHint'))}`
          : loadState(account)
      }
    </section>`;
  }

  #switch(key: 'doNotDisturb' | 'hideBusy', label: string, hint: string) {
    const { account } = this.app;
    return html`<label class="switch">
      ${label}
      <input
        type="checkbox"
        role="switch"
        data-testid="switch-${key}"
        .checked=${account.value.data?.[key] ?? false}
        ?disabled=${this.#busy.is(key)}
        @change=${(event: Event) => this.#set(key, (event.target as HTMLInputElement).checked)}
      />
      <p class="small soft">${hint}</p>
    </label>`;
  }

  async #set(key: 'doNotDisturb' | 'hideBusy', on: boolean): Promise<void> {
    const body: RestBody<'updateMe'> = { [key]: on };
    const done = await this.#busy.run(key, () => this.app.account.change(body));
    // The switch shows what the service holds, not what was tried.
    if (!done) this.renderRoot.querySelector<HTMLInputElement>(`[data-testid='switch-${key}']`)!.checked = !on;
  }

  #preview(): void {
    this.#stopPreview?.();
    const tone = ringTone.value;
    if (tone !== 'silent') this.#stopPreview = playTune(RING_TUNES[tone], false);
  }

  #notifications() {
    const { t } = this;
    const permission = typeof Notification === 'undefined' ? 'unsupported' : Notification.permission;
    return html`<section class="card">
      <h2>${t('settings.notifications')}</h2>
      ${
        permission === 'default'
          ? html`<p class="soft">${t('settings.notificationsHint')}</p>
              <button type="button" class="tint" data-testid="notifications-allow" @click=${this.#allowNotifications}>
                ${t('settings.notificationsAllow')}
              </button>`
          : html`<p class="soft">
              ${t(
                permission === 'granted'
                  ? 'settings.notificationsOn'
                  : permission === 'denied'
                    ? 'settings.notificationsDenied'
                    : 'settings.notificationsUnsupported',
              )}
            </p>`
      }
    </section>`;
  }

  async #allowNotifications(): Promise<void> {
    await Notification.requestPermission();
    this.requestUpdate();
  }

  #password() {
    const { t } = this;
    return html`<section class="card">
      <h2>${t('settings.security')}</h2>
      <form @submit=${this.#changePassword}>
        <input
          hidden
          name="username"
          autocomplete="username"
          aria-label=${t('auth.username')}
          .value=${this.app.session.tokens.value?.user.username ?? ''}
          readonly
        />
        <div>
          <label for="current">${t('settings.currentPassword')}</label>
          <input
            id="current"
            name="current"
            data-testid="current-password"
            type="password"
            autocomplete="current-password"
            required
            maxlength="256"
          />
        </div>
        <div>
          <label for="new">${t('settings.newPassword')}</label>
          <input
            id="new"
            name="new"
            data-testid="new-password"
            type="password"
            autocomplete="new-password"
            required
            minlength="8"
            maxlength="256"
            aria-describedby="new-hint"
          />
          <p id="new-hint" class="small soft">${t('auth.passwordHint')}</p>
        </div>
        <div role="status">
          ${
            this.passwordNote
              ? html`<p class=${this.passwordNote.bad ? 'bad' : 'good'} data-testid="password-note">${this.passwordNote.text}</p>`
              : nothing
          }
        </div>
        <button type="submit" data-testid="password-submit" ?disabled=${this.#busy.is('password')}>
          ${t('settings.changePassword')}
        </button>
      </form>
    </section>`;
  }

  async #changePassword(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const fields = new FormData(form);
    const body = { currentPassword: String(fields.get('current')), newPassword: String(fields.get('new')) };
    this.passwordNote = undefined;
    await this.#busy.run('password', async () => {
      try {
        await this.app.changePassword(body);
        form.reset();
        this.passwordNote = { text: this.t('settings.passwordChanged'), bad: false };
      } catch (error) {
        const wrong = error instanceof ApiError && error.status === 401;
        this.passwordNote = { text: wrong ? this.t('settings.passwordWrong') : errorText(error), bad: true };
      }
    });
  }

  #blocked() {
    const { t } = this;
    const { blocked } = this.app.people;
    const list = blocked.value.data;
    return html`<section class="card">
      <h2>${t('settings.blocked')}</h2>
      ${loadState(blocked)}
      ${list?.length === 0 ? html`<p class="soft">${t('settings.blockedNone')}</p>` : nothing}
      ${
        list && list.length > 0
          ? html`<ul>
              ${list.map(
                (user) => html`<li class="row" data-testid="blocked-row" data-username=${user.username}>
                  <rd-avatar .user=${user} size="s"></rd-avatar>
                  <strong class="grow clip">${user.username}</strong>
                  <button
                    type="button"
                    data-testid="settings-unblock"
                    aria-label=${t('settings.unblockName', { name: user.username })}
                    ?disabled=${this.#busy.is(user.id)}
                    @click=${() => this.#busy.run(user.id, () => this.app.people.unblock(user.id))}
                  >
                    ${t('people.unblock')}
                  </button>
                </li>`,
              )}
            </ul>`
          : nothing
      }
    </section>`;
  }

  #leaving() {
    const { t } = this;
    return html`<section class="buttons">
      <button
        type="button"
        data-testid="logout"
        ?disabled=${this.#busy.is('logout')}
        @click=${() => this.#busy.run('logout', () => this.app.signOut(false))}
      >
        ${icon('leave')} ${t('settings.logout')}
      </button>
      <button type="button" class="danger" data-testid="logout-everywhere" @click=${this.#leaveEverywhere}>
        ${t('settings.logoutEverywhere')}
      </button>
    </section>`;
  }

  async #leaveEverywhere(): Promise<void> {
    const { t } = this;
    const yes = await this.app.ask({
      title: t('settings.logoutEverywhereTitle'),
      text: t('settings.logoutEverywhereText'),
      action: t('settings.logoutEverywhere'),
    });
    if (yes) await this.#busy.run('logout', () => this.app.signOut(true));
  }
}
customElements.define('rd-settings-view', RdSettingsView);
