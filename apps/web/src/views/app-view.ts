/** The root element: who is signed in decides what is seen, and a call lies over everything. */
import { css, html, nothing, type PropertyValues } from 'lit';
import { go, place, TABS, type Tab } from '../base/route.ts';
import { View } from '../base/view.ts';
import { type IconName, icon } from '../ui/icon.ts';
import { mark } from '../ui/mark.ts';
import { styles } from '../ui/styles.ts';
import './auth-view.ts';
import './call-view.ts';
import './connection-bar.ts';
import './ended-notice.ts';
import './history-view.ts';
import './incoming-dialog.ts';
import './outgoing-view.ts';
import './people-view.ts';
import './question-dialog.ts';
import './return-dialog.ts';
import './settings-view.ts';

const TAB_ICONS: Record<Tab, IconName> = { people: 'people', history: 'clock', settings: 'settings' };

/** `<rd-app .app>`. */
export class RdApp extends View {
  static override styles = [
    styles,
    css`
      :host {
        height: 100vh;
        height: 100dvh;
        overflow: hidden;
        background: var(--rd-bg);
        color: var(--rd-ink);
      }
      .shell {
        display: grid;
        grid-template: auto minmax(0, 1fr) auto / minmax(0, 1fr);
        grid-template-areas: 'bar' 'main' 'nav';
        height: 100%;
      }
      rd-connection-bar {
        grid-area: bar;
      }
      main {
        grid-area: main;
        min-height: 0;
      }
      nav {
        grid-area: nav;
        display: flex;
        justify-content: space-around;
        padding: 0.375rem max(0.5rem, var(--rd-right)) calc(0.375rem + var(--rd-bottom)) max(0.5rem, var(--rd-left));
        border-top: 1px solid var(--rd-line);
        background: var(--rd-surface);
      }
      nav button {
        position: relative;
        flex: 1;
        flex-direction: column;
        gap: 0.125rem;
        max-width: 8rem;
        min-height: 54px;
        padding: 0.375rem;
        border-radius: 16px;
        background: none;
        color: var(--rd-ink-soft);
        font-size: 0.75rem;
      }
      nav button .pill {
        display: grid;
        place-items: center;
        width: 3.5rem;
        height: 1.875rem;
        border-radius: 999px;
        transition: background-color 0.2s;
      }
      nav button[aria-current] {
        color: var(--rd-ink);
      }
      nav button[aria-current] .pill {
        background: var(--rd-accent-soft);
        color: var(--rd-on-accent-soft);
      }
      .badge {
        position: absolute;
        top: 0.25rem;
        left: calc(50% + 0.375rem);
        min-width: 1.25rem;
        padding: 0 0.3rem;
        border-radius: 999px;
        background: var(--rd-bad);
        color: var(--rd-on-bad);
        font-size: 0.75rem;
        font-weight: 700;
        line-height: 1.25rem;
      }
      .logo {
        display: none;
      }
      .toast {
        position: fixed;
        z-index: 30;
        inset: calc(1rem + var(--rd-top)) 1rem auto;
        width: fit-content;
        max-width: min(28rem, calc(100vw - 2rem));
        margin-inline: auto;
        padding: 0.75rem 1.25rem;
        border-radius: 16px;
        background: var(--rd-ink);
        color: var(--rd-bg);
        box-shadow: var(--rd-shadow-high);
        animation: rise 0.25s var(--rd-ease);
      }
      .toast:empty {
        display: none;
      }
      @keyframes rise {
        from {
          opacity: 0;
          transform: translateY(-12px);
        }
      }
      @media (min-width: 900px) {
        .shell {
          grid-template: auto minmax(0, 1fr) / auto minmax(0, 1fr);
          grid-template-areas: 'bar bar' 'nav main';
        }
        nav {
          flex-direction: column;
          justify-content: flex-start;
          gap: 0.5rem;
          padding: 1.5rem 0.75rem;
          border-top: 0;
          border-inline-end: 1px solid var(--rd-line);
        }
        nav button {
          flex: none;
          width: 5.25rem;
          min-height: 62px;
        }
        .logo {
          display: grid;
          place-items: center;
          width: 2.75rem;
          height: 2.75rem;
          margin: 0 auto 1.25rem;
          border-radius: 14px;
          background: linear-gradient(135deg, #d9632c, #a93613);
          color: #fff;
        }
        .logo svg {
          width: 1.875rem;
          height: 1.875rem;
        }
        .toast {
          inset-block: auto 2rem;
        }
      }
    `,
  ];

  protected override watched() {
    const { session, desk, people, history, toast, question } = this.app;
    return [
      place,
      session.tokens,
      toast,
      question,
      people.friends,
      people.groups,
      history.pages,
      desk.current,
      desk.pulse,
      desk.incoming,
      desk.open,
      desk.parting,
    ];
  }

  protected override updated(changed: PropertyValues<this>): void {
    super.updated(changed);
    // A question asked before a call came must not lie over the call.
    const { desk, question } = this.app;
    if (desk.current.value || desk.incoming.value || desk.open.value) question.value?.answer(false);
  }

  override render() {
    const { app } = this;
    if (!app.session.tokens.value) return html`<rd-auth-view .app=${app}></rd-auth-view>`;
    const { desk } = app;
    const talking = desk.current.value !== undefined && isTalking(desk.current.value.state);
    const dialling = !talking && desk.current.value !== undefined;
    return html`
      <div class="shell" ?inert=${talking || dialling}>
        <rd-connection-bar .app=${app}></rd-connection-bar>
        <main>${this.#tab()}</main>
        ${this.#navigation()}
      </div>
      ${dialling ? html`<rd-outgoing-view .app=${app}></rd-outgoing-view>` : nothing}
      ${talking ? html`<rd-call-view .app=${app}></rd-call-view>` : nothing}
      ${desk.parting.value ? html`<rd-ended-notice .app=${app}></rd-ended-notice>` : nothing}
      ${desk.open.value && !desk.current.value ? html`<rd-return-dialog .app=${app}></rd-return-dialog>` : nothing}
      ${desk.incoming.value ? html`<rd-incoming-dialog .app=${app}></rd-incoming-dialog>` : nothing}
      ${app.question.value ? html`<rd-question-dialog .app=${app}></rd-question-dialog>` : nothing}
      <div class="toast" role="status" data-testid="toast">${app.toast.value ?? nothing}</div>
    `;
  }

  #tab() {
    switch (place.value.tab) {
      case 'people':
        return html`<rd-people-view .app=${this.app}></rd-people-view>`;
      case 'history':
        return html`<rd-history-view .app=${this.app}></rd-history-view>`;
      case 'settings':
        return html`<rd-settings-view .app=${this.app}></rd-settings-view>`;
    }
  }

  #navigation() {
    const badges: Record<Tab, number> = {
      people: this.app.people.waiting,
      history: place.value.tab === 'history' ? 0 : this.app.history.unseenMissed,
      settings: 0,
    };
    return html`<nav aria-label=${this.t('nav.label')}>
      <span class="logo">${mark}</span>
      ${TABS.map(
        (tab) => html`<button
          type="button"
          data-testid="nav-${tab}"
          aria-current=${place.value.tab === tab ? 'page' : nothing}
          @click=${() => go({ tab, open: undefined })}
        >
          <span class="pill">${icon(TAB_ICONS[tab])}</span>
          ${this.t(`nav.${tab}`)}
          ${
            badges[tab] > 0
              ? html`<span class="badge" aria-label=${this.t('nav.badge', { count: badges[tab] })}>${badges[tab]}</span>`
              : nothing
          }
        </button>`,
      )}
    </nav>`;
  }
}
customElements.define('rd-app', RdApp);

/** Whether both sides are on the line; before, somebody is still being rung. */
function isTalking(state: string): boolean {
  return state === 'connecting' || state === 'connected' || state === 'reconnecting';
}
