/** The app's parts, put together once, and what happens when somebody signs in or out. */
import type { RestBody } from '@ringdown/protocol';
import { storage } from './base/storage.ts';
import { Store } from './base/store.ts';
import { Desk } from './calls/desk.ts';
import { History } from './history/history.ts';
import { language } from './i18n/language.ts';
import { People } from './people/people.ts';
import { Api } from './session/api.ts';
import { ApiError } from './session/api-error.ts';
import { send } from './session/http.ts';
import { Session, type Tokens } from './session/session.ts';
import { Account } from './settings/account.ts';

/** A question that has to be answered before something is done. */
export interface Question {
  readonly title: string;
  readonly text: string;
  readonly action: string;
  readonly answer: (yes: boolean) => void;
}

/** How often the lists are asked for while the page is seen: the service does not announce requests and invitations. */
const LISTS_EVERY_MS = 12_000;
const TOAST_MS = 6_000;
/** The service writes the record of a call within a second of its end. */
const RECORD_DELAYS_MS = [250, 1_500];

/** The whole app, without any element. */
export class App {
  readonly session: Session;
  readonly api: Api;
  readonly people: People;
  readonly history: History;
  readonly account: Account;
  readonly desk: Desk;
  /** A short message at the edge of the page. */
  readonly toast = new Store<string | undefined>(undefined);
  /** The question that waits for an answer. */
  readonly question = new Store<Question | undefined>(undefined);
  /** Whether the last session ended without the person's doing. */
  readonly sessionEnded = new Store(false);
  #toastTimer: ReturnType<typeof setTimeout> | undefined;
  #leaving = false;

  constructor() {
    const fetchFunction: typeof fetch = (input, init) => fetch(input, init);
    this.session = new Session({
      storage,
      locks: navigator.locks,
      now: () => Date.now(),
      refresh: async (refreshToken) => {
        const request = { method: 'POST', path: '/api/auth/refresh', body: { refreshToken } } as const;
        return (await send(fetchFunction, { ...request, language: language.value })) as Tokens;
      },
    });
    this.api = new Api(this.session, () => language.value, fetchFunction);
    this.people = new People(this.api, () => this.ownId);
    this.history = new History(this.api, () => this.ownId);
    this.account = new Account(this.api);
    this.desk = new Desk({
      token: () => this.#socketToken(),
      doubtSession: () => void this.account.refresh(),
      known: (id) => this.people.known(id),
      say: (text) => this.say(text),
      onEnded: () => {
        for (const delay of RECORD_DELAYS_MS) setTimeout(() => this.#signedIn && void this.history.refresh(), delay);
      },
    });
  }

  /** The id of the person signed in. */
  get ownId(): string | undefined {
    return this.session.tokens.value?.user.id;
  }

  get #signedIn(): boolean {
    return this.session.tokens.value !== undefined;
  }

  /** Begins: follows the session, this page's and the other tabs'. */
  start(): void {
    let userId = this.ownId;
    this.session.tokens.subscribe(() => {
      if (this.ownId === userId) return;
      if (userId !== undefined) this.#signOff();
      userId = this.ownId;
      if (userId !== undefined) this.#signOn();
    });
    addEventListener('storage', () => this.session.reread());
    addEventListener('pagehide', () => this.desk.leave());
    document.addEventListener('visibilitychange', () => this.#refreshLists());
    setInterval(() => this.#refreshLists(), LISTS_EVERY_MS);
    this.desk.line.subscribe(() => this.desk.line.value === 'online' && this.#refreshLists());
    if (userId !== undefined) this.#signOn();
  }

  /** Shows a short message. */
  say(text: string): void {
    clearTimeout(this.#toastTimer);
    this.toast.set(text);
    this.#toastTimer = setTimeout(() => this.toast.set(undefined), TOAST_MS);
  }

  /** Asks a question; false when it was left unanswered. */
  ask(question: Omit<Question, 'answer'>): Promise<boolean> {
    this.question.value?.answer(false);
    return new Promise((resolve) => {
      this.question.set({
        ...question,
        answer: (yes) => {
          this.question.set(undefined);
          resolve(yes);
        },
      });
    });
  }

  /**
   * Signs out.
   * @param everywhere on all devices
   * @throws {ApiError} when the other devices could not be signed out
   */
  async signOut(everywhere: boolean): Promise<void> {
    this.#leaving = true;
    try {
      await this.#offline(() => this.api.logout(everywhere));
    } finally {
      this.#leaving = false;
    }
  }

  /**
   * Changes the password; the service ends every session, and this one goes on with a new one.
   * @throws {ApiError}
   */
  async changePassword(body: RestBody<'changePassword'>): Promise<void> {
    await this.#offline(async () => {
      const username = this.session.tokens.value?.user.username ?? '';
      if (!(await this.api.changePassword(body))) await this.api.login({ username, password: body.newPassword });
    });
  }

  /** Does something that makes the service cut the connection: it is given up before, and taken up again after. */
  async #offline(work: () => Promise<void>): Promise<void> {
    this.desk.stop();
    try {
      await work();
    } finally {
      if (this.#signedIn) this.desk.start();
    }
  }

  /** Empty when nobody is signed in any more: the SDK then asks no more. */
  async #socketToken(): Promise<string> {
    try {
      return await this.session.accessToken();
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return '';
      throw error;
    }
  }

  #signOn(): void {
    this.sessionEnded.set(false);
    void this.account.refresh();
    void this.people.refresh();
    void this.history.refresh();
    this.desk.start();
  }

  #signOff(): void {
    this.sessionEnded.set(!this.#leaving && !this.#signedIn);
    this.desk.stop();
    this.people.clear();
    this.history.clear();
    this.account.clear();
    this.question.value?.answer(false);
    location.hash = '';
  }

  #refreshLists(): void {
    if (!this.#signedIn || document.hidden) return;
    void this.people.refresh();
    void this.history.refresh();
  }
}
