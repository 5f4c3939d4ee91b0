/** Signing up and signing in. */
import { css, html, nothing } from 'lit';
import { View } from '../base/view.ts';
import { errorText } from '../i18n/error-text.ts';
import { chooseLanguage, LANGUAGE_NAMES, language } from '../i18n/language.ts';
import { ApiError } from '../session/api-error.ts';
import { icon } from '../ui/icon.ts';
import { mark } from '../ui/mark.ts';
import { styles } from '../ui/styles.ts';

/** `<rd-auth-view .app>`. */
class RdAuthView extends View {
  static override properties = {
    mode: { state: true },
    busy: { state: true },
    error: { state: true },
    shown: { state: true },
  };
  declare mode: 'login' | 'signup';
  declare busy: boolean;
  declare error: string | undefined;
  /** Whether the password is shown. */
  declare shown: boolean;

  static override styles = [
    styles,
    css`
      :host {
        display: grid;
        min-height: 100%;
        height: 100%;
        overflow-y: auto;
      }
      .hero {
        display: grid;
        align-content: end;
        gap: 0.5rem;
        padding: calc(2rem + var(--rd-top)) 1.5rem 3.5rem;
        background:
          radial-gradient(90% 120% at 85% 10%, #f0a06a 0%, transparent 60%),
          linear-gradient(150deg, #b5451b 0%, #7c2610 60%, #521a10 100%);
        color: #fff;
      }
      .brand {
        display: flex;
        align-items: center;
        gap: 0.75rem;
        font-family: var(--rd-font-display);
        font-size: 1.5rem;
        font-weight: 700;
        letter-spacing: -0.01em;
      }
      .brand svg {
        width: 2.75rem;
        height: 2.75rem;
      }
      .hero p {
        max-width: 24rem;
        font-size: 1.0625rem;
        text-wrap: balance;
      }
      .hero .pitch {
        display: none;
      }
      .side {
        display: grid;
        align-content: start;
        justify-items: center;
        padding: 0 1rem calc(1.5rem + var(--rd-bottom));
      }
      form {
        width: min(100%, 25rem);
        margin-top: -2rem;
        padding: 1.75rem 1.5rem;
        border-radius: 24px;
        background: var(--rd-surface);
        box-shadow: var(--rd-shadow);
      }
      form > * + * {
        margin-top: 1.125rem;
      }
      .hint {
        margin-top: 0.375rem;
      }
      .field {
        position: relative;
      }
      .field input {
        padding-inline-end: 3.25rem;
      }
      .field button {
        position: absolute;
        inset: 2px 2px auto auto;
        color: var(--rd-ink-soft);
      }
      .submit {
        width: 100%;
        min-height: 52px;
      }
      .switch {
        text-align: center;
      }
      .language {
        margin-top: 1rem;
      }
      @media (min-width: 900px) {
        :host {
          grid-template-columns: minmax(0, 1.1fr) minmax(26rem, 1fr);
        }
        .hero {
          align-content: space-between;
          padding: 3rem;
        }
        .hero p {
          max-width: 30rem;
          font-family: var(--rd-font-display);
          font-size: clamp(1.75rem, 2.6vw, 2.5rem);
          font-weight: 700;
          letter-spacing: -0.02em;
          line-height: 1.15;
        }
        .hero .pitch {
          display: block;
          margin-top: 1rem;
          font-size: 1.0625rem;
          font-weight: 500;
          letter-spacing: 0;
        }
        .side {
          align-content: center;
          padding: 2rem;
        }
        form {
          margin-top: 0;
          padding: 2.25rem;
        }
      }
    `,
  ];

  constructor() {
    super();
    this.mode = 'login';
    this.busy = false;
    this.shown = false;
    this.error = undefined;
  }

  protected override watched() {
    return [this.app.sessionEnded];
  }

  override render() {
    const { mode, t } = this;
    const signup = mode === 'signup';
    return html`
      <header class="hero">
        <div class="brand">${mark} ${t('app.name')}</div>
        <div>
          <p>${t('app.tagline')}</p>
          <p class="pitch">${t('app.pitch')}</p>
        </div>
      </header>
      <main class="side">
        <form @submit=${this.#submit} aria-busy=${this.busy}>
          <h1>${t(signup ? 'auth.signupTitle' : 'auth.loginTitle')}</h1>
          ${
            this.app.sessionEnded.value && !this.error
              ? html`<p class="notice calm" role="status">${t('auth.ended')}</p>`
              : nothing
          }
          <div role="alert">
            ${this.error ? html`<p class="notice" data-testid="auth-error">${this.error}</p>` : nothing}
          </div>
          <div>
            <label for="username">${t('auth.username')}</label>
            <input
              id="username"
              name="username"
              data-testid="${mode}-username"
              autocomplete="username"
              autocapitalize="none"
              spellcheck="false"
              required
              minlength=${signup ? 2 : 1}
              maxlength=${signup ? 32 : 64}
              aria-describedby=${signup ? 'username-hint' : nothing}
            />
            ${signup ? html`<p id="username-hint" class="hint small soft">${t('auth.usernameHint')}</p>` : nothing}
          </div>
          <div>
            <label for="password">${t('auth.password')}</label>
            <div class="field">
              <input
                id="password"
                name="password"
                data-testid="${mode}-password"
                type=${this.shown ? 'text' : 'password'}
                autocomplete=${signup ? 'new-password' : 'current-password'}
                required
                minlength=${signup ? 8 : 1}
                maxlength="256"
                aria-describedby=${signup ? 'password-hint' : nothing}
              />
              <button
                type="button"
                class="plain round"
                aria-label=${t(this.shown ? 'auth.hidePassword' : 'auth.showPassword')}
                @click=${() => {
                  this.shown = !this.shown;
                }}
              >
                ${icon(this.shown ? 'eye-off' : 'eye')}
              </button>
            </div>
            ${signup ? html`<p id="password-hint" class="hint small soft">${t('auth.passwordHint')}</p>` : nothing}
          </div>
          <button class="primary submit" type="submit" data-testid="${mode}-submit" ?disabled=${this.busy}>
            ${t(signup ? 'auth.signup' : 'auth.login')}
          </button>
          <p class="switch soft">
            ${t(signup ? 'auth.haveAccount' : 'auth.noAccount')}
            <button
              type="button"
              class="link"
              data-testid=${signup ? 'go-login' : 'go-signup'}
              @click=${() => {
                this.mode = signup ? 'login' : 'signup';
                this.error = undefined;
              }}
            >
              ${t(signup ? 'auth.goLogin' : 'auth.goSignup')}
            </button>
          </p>
        </form>
        <div class="language buttons">
          ${Object.entries(LANGUAGE_NAMES).map(
            ([code, name]) => html`<button
              type="button"
              class="plain"
              lang=${code}
              aria-pressed=${language.value === code}
              ?hidden=${language.value === code}
              @click=${() => chooseLanguage(code as keyof typeof LANGUAGE_NAMES)}
            >
              ${name}
            </button>`,
          )}
        </div>
      </main>
    `;
  }

  async #submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (this.busy) return;
    const fields = new FormData(event.target as HTMLFormElement);
    const body = { username: String(fields.get('username')).trim(), password: String(fields.get('password')) };
    this.busy = true;
    this.error = undefined;
    try {
      await (this.mode === 'signup' ? this.app.api.register(body) : this.app.api.login(body));
    } catch (error) {
      const wrong = error instanceof ApiError && error.reason === 'unauthenticated' && this.mode === 'login';
      this.error = wrong ? this.t('auth.wrong') : errorText(error);
    } finally {
      this.busy = false;
    }
  }
}
customElements.define('rd-auth-view', RdAuthView);
