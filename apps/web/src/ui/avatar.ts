/** Somebody's picture, or their first letter while there is none. */
import type { PublicUser } from '@ringdown/protocol';
import { css, html, LitElement, nothing } from 'lit';

/** `<rd-avatar .user size="s|m|l|xl">`; it says nothing to a screen reader, the name stands beside it. */
class RdAvatar extends LitElement {
  static override properties = {
    user: { attribute: false },
    size: { reflect: true },
    broken: { state: true },
  };
  declare user: PublicUser | undefined;
  declare size: 's' | 'm' | 'l' | 'xl';
  /** The address of a picture that could not be loaded. */
  declare broken: string | undefined;

  static override styles = css`
    :host {
      --size: 48px;
      flex: none;
      display: inline-block;
      width: var(--size);
      height: var(--size);
    }
    :host([size='s']) {
      --size: 40px;
    }
    :host([size='l']) {
      --size: 104px;
    }
    :host([size='xl']) {
      --size: min(168px, 26vh);
    }
    span,
    img {
      display: grid;
      place-items: center;
      width: 100%;
      height: 100%;
      border-radius: 50%;
      object-fit: cover;
      user-select: none;
    }
    span {
      color: #fff;
      font: 600 calc(var(--size) * 0.42) / 1 var(--rd-font-display);
    }
    .c0 {
      background: #a8431c;
    }
    .c1 {
      background: #2f6b5e;
    }
    .c2 {
      background: #7a4a86;
    }
    .c3 {
      background: #35609a;
    }
    .c4 {
      background: #8a5a12;
    }
    .c5 {
      background: #9b3a56;
    }
  `;

  constructor() {
    super();
    this.size = 'm';
  }

  override render() {
    const { user } = this;
    if (!user) return nothing;
    // Only the service's own pictures are shown: a foreign address would tell its owner who looks (T30).
    if (user.avatar.startsWith('/avatars/') && user.avatar !== this.broken) {
      return html`<img alt="" src=${user.avatar} draggable="false" @error=${() => this.#onBroken(user.avatar)} />`;
    }
    const letter = [...user.username][0]?.toLocaleUpperCase() ?? '';
    return html`<span class="c${colourOf(user.id)}" aria-hidden="true">${letter}</span>`;
  }

  #onBroken(address: string): void {
    this.broken = address;
  }
}
customElements.define('rd-avatar', RdAvatar);

function colourOf(id: string): number {
  let sum = 0;
  for (const letter of id) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 6007;
  return sum % 6;
}
