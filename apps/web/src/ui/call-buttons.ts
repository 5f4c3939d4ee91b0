/** The two buttons that call somebody. */
import type { PublicUser } from '@ringdown/protocol';
import { html, type TemplateResult } from 'lit';
import type { App } from '../app.ts';
import { t } from '../i18n/language.ts';
import { icon } from './icon.ts';

/**
 * Two round buttons: voice and video.
 * @param app the app
 * @param user whom they call
 */
export function callButtons(app: App, user: PublicUser): TemplateResult {
  const button = (kind: 'audio' | 'video') => html`<button
    type="button"
    class="tint round"
    data-testid="call-${kind}"
    aria-label=${t(kind === 'video' ? 'people.callVideoTo' : 'people.callAudioTo', { name: user.username })}
    title=${t(kind === 'video' ? 'people.callVideo' : 'people.callAudio')}
    @click=${() => app.desk.dial(user, kind === 'video')}
  >
    ${icon(kind === 'video' ? 'camera' : 'phone')}
  </button>`;
  return html`${button('audio')}${button('video')}`;
}
