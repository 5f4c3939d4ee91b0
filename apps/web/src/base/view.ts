/** The base of every element: it knows the app, and renders again when the language or a watched store changes. */
import { LitElement, type PropertyDeclarations } from 'lit';
import type { App } from '../app.ts';
import { language, t } from '../i18n/language.ts';
import type { Watchable } from './store.ts';

/** An element of the app. `app` is set before it enters the document. */
export class View extends LitElement {
  static override properties: PropertyDeclarations = { app: { attribute: false } };
  declare app: App;

  /** Translates, in the chosen language. */
  protected readonly t = t;
  #ends: (() => void)[] = [];

  /** The stores whose change renders this element again, besides the language. */
  protected watched(): readonly Watchable[] {
    return [];
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#ends = [language, ...this.watched()].map((store) => store.subscribe(() => this.requestUpdate()));
    this.requestUpdate();
  }

  override disconnectedCallback(): void {
    for (const end of this.#ends) end();
    this.#ends = [];
    super.disconnectedCallback();
  }
}
