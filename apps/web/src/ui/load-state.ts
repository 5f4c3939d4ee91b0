/** What stands where a list will be: shimmering rows while it is fetched, a sentence and a button when that failed. */
import { html, nothing, type TemplateResult } from 'lit';
import type { Loaded, Resource } from '../base/resource.ts';
import { errorText } from '../i18n/error-text.ts';
import { t } from '../i18n/language.ts';

/**
 * What to show as long as there is no data; nothing once there is. A list that is there already is left alone when
 * asking again fails: the bar at the top says that the line is down.
 * @param resource the fetched thing
 */
export function loadState(resource: Resource<unknown>): TemplateResult | typeof nothing {
  const { data, error }: Loaded<unknown> = resource.value;
  if (data !== undefined) return nothing;
  if (error !== undefined) {
    return html`<div class="empty" role="alert">
      <p>${errorText(error)}</p>
      <button type="button" data-testid="retry" @click=${() => resource.refresh()}>${t('common.retry')}</button>
    </div>`;
  }
  return html`<div role="status">
    <span class="only-read">${t('common.loading')}</span>
    <div class="skeleton"></div>
    <div class="skeleton"></div>
    <div class="skeleton"></div>
  </div>`;
}
