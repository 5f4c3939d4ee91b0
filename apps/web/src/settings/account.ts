/** The person signed in, with the settings the service keeps for them. */
import type { OwnUser, RestBody } from '@ringdown/protocol';
import { Resource } from '../base/resource.ts';
import type { Api } from '../session/api.ts';

/** Their account. */
export class Account extends Resource<OwnUser> {
  readonly #api: Api;

  /** @param api the REST door */
  constructor(api: Api) {
    super(() => api.me());
    this.#api = api;
  }

  /**
   * Changes settings.
   * @throws {ApiError}
   */
  async change(body: RestBody<'updateMe'>): Promise<void> {
    this.put(await this.#api.updateMe(body));
  }
}
