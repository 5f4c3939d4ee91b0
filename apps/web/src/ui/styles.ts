/** The styles that every element shares: text, buttons, fields, rows, cards. */
import { css } from 'lit';

/** The shared styles. */
export const styles = css`
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  :host {
    display: block;
  }
  :host([hidden]),
  [hidden] {
    display: none !important;
  }
  h1,
  h2,
  p,
  ul {
    margin: 0;
    padding: 0;
  }
  ul {
    list-style: none;
  }
  h1,
  h2 {
    font-family: var(--rd-font-display);
    font-weight: 700;
    letter-spacing: -0.015em;
    line-height: 1.2;
    text-wrap: balance;
  }
  h1 {
    font-size: 1.75rem;
  }
  h2 {
    font-size: 1.25rem;
  }
  h2.label {
    color: var(--rd-ink-soft);
    font-family: inherit;
    font-size: 0.875rem;
    font-weight: 600;
    letter-spacing: 0;
  }
  .soft {
    color: var(--rd-ink-soft);
  }
  .small {
    font-size: 0.875rem;
  }
  .bad {
    color: var(--rd-bad);
  }
  .clip {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .wrap {
    overflow-wrap: anywhere;
  }
  .only-read {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  .icon {
    display: block;
    flex: none;
    width: 1.375rem;
    height: 1.375rem;
  }

  :focus-visible {
    outline: 3px solid var(--rd-focus);
    outline-offset: 2px;
  }
  :focus:not(:focus-visible) {
    outline: none;
  }

  button,
  .button {
    appearance: none;
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 0.5rem;
    min-width: 44px;
    min-height: 44px;
    margin: 0;
    padding: 0.5rem 1.125rem;
    border: 0;
    border-radius: 999px;
    background: var(--rd-sunken);
    color: var(--rd-ink);
    font: inherit;
    font-weight: 600;
    text-decoration: none;
    cursor: pointer;
    touch-action: manipulation;
    -webkit-tap-highlight-color: transparent;
    transition:
      background-color 0.15s,
      color 0.15s,
      transform 0.15s var(--rd-ease);
  }
  @media (hover: hover) {
    button:hover:not(:disabled) {
      background: var(--rd-line);
    }
    button.primary:hover:not(:disabled) {
      background: var(--rd-accent-strong);
    }
    button.tint:hover:not(:disabled) {
      background: var(--rd-accent);
      color: var(--rd-on-accent);
    }
    button.plain:hover:not(:disabled) {
      background: var(--rd-sunken);
    }
    button.danger:hover:not(:disabled) {
      background: var(--rd-bad);
      color: var(--rd-on-bad);
    }
  }
  button:active:not(:disabled) {
    transform: scale(0.96);
  }
  button:disabled {
    opacity: 0.55;
    cursor: default;
  }
  button.primary {
    background: var(--rd-accent);
    color: var(--rd-on-accent);
  }
  button.tint {
    background: var(--rd-accent-soft);
    color: var(--rd-on-accent-soft);
  }
  button.plain {
    background: transparent;
  }
  button.danger {
    background: transparent;
    color: var(--rd-bad);
  }
  button.danger.filled {
    background: var(--rd-bad);
    color: var(--rd-on-bad);
  }
  button.round {
    flex: none;
    width: 44px;
    height: 44px;
    padding: 0;
  }
  button.link {
    min-width: 0;
    padding: 0.25rem;
    border-radius: 6px;
    background: none;
    color: var(--rd-accent);
    text-decoration: underline;
    text-underline-offset: 3px;
  }

  input,
  select {
    width: 100%;
    min-height: 48px;
    margin: 0;
    padding: 0.625rem 0.875rem;
    border: 1px solid var(--rd-field-line);
    border-radius: var(--rd-radius-small);
    background: var(--rd-surface);
    color: var(--rd-ink);
    font: inherit;
    /* Below 16 px phones zoom into the field. */
    font-size: max(1rem, 16px);
  }
  input::placeholder {
    color: var(--rd-ink-soft);
    opacity: 1;
  }
  label {
    display: block;
    font-weight: 600;
  }
  label + input,
  label + select,
  label + .field {
    margin-top: 0.375rem;
  }
  label.only-read + input {
    margin-top: 0;
  }

  .card {
    padding: 1.25rem;
    border-radius: var(--rd-radius);
    background: var(--rd-surface);
    box-shadow: var(--rd-shadow);
  }
  .row {
    display: flex;
    align-items: center;
    gap: 0.875rem;
    min-height: 68px;
  }
  .row > .grow,
  .grow {
    flex: 1;
    min-width: 0;
  }
  .buttons {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.625rem;
  }
  .notice {
    padding: 0.75rem 1rem;
    border-radius: var(--rd-radius-small);
    background: var(--rd-bad-soft);
    color: var(--rd-ink);
  }
  .notice.calm {
    background: var(--rd-accent-soft);
  }

  .empty {
    display: grid;
    justify-items: center;
    gap: 0.5rem;
    padding: 2.5rem 1.5rem;
    color: var(--rd-ink-soft);
    text-align: center;
    text-wrap: balance;
  }
  .empty > svg {
    width: 3.5rem;
    height: 3.5rem;
    margin-bottom: 0.5rem;
    padding: 0.75rem;
    border-radius: 50%;
    background: var(--rd-accent-soft);
    color: var(--rd-on-accent-soft);
  }
  .empty > strong {
    color: var(--rd-ink);
    font-family: var(--rd-font-display);
    font-size: 1.125rem;
  }

  .skeleton {
    display: flex;
    align-items: center;
    gap: 0.875rem;
    min-height: 68px;
  }
  .skeleton::before,
  .skeleton::after {
    content: '';
    height: 48px;
    border-radius: 24px;
    background: var(--rd-sunken);
    animation: breathe 1.4s ease-in-out infinite;
  }
  .skeleton::before {
    width: 48px;
  }
  .skeleton::after {
    width: 45%;
    height: 16px;
  }
  @keyframes breathe {
    50% {
      opacity: 0.45;
    }
  }

  @media (prefers-reduced-motion: reduce) {
    *,
    *::before,
    *::after {
      animation-duration: 0.01ms !important;
      animation-iteration-count: 1 !important;
      transition-duration: 0.01ms !important;
    }
  }
`;

/** A list beside what is open in it; on a phone one of both. The host is the two panes' frame. */
export const panes = css`
  :host {
    height: 100%;
    min-height: 0;
  }
  .list,
  .detail {
    height: 100%;
    overflow-y: auto;
    overscroll-behavior: contain;
  }
  .list {
    padding: max(1.25rem, var(--rd-top)) max(1rem, var(--rd-right)) 1.5rem max(1rem, var(--rd-left));
  }
  .detail {
    padding: max(1rem, var(--rd-top)) max(1rem, var(--rd-right)) 1.5rem max(1rem, var(--rd-left));
  }
  :host(:not([open])) .detail,
  :host([open]) .list {
    display: none;
  }
  @media (min-width: 900px) {
    :host {
      display: grid;
      grid-template-columns: minmax(340px, 400px) minmax(0, 1fr);
    }
    :host .list,
    :host .detail,
    :host(:not([open])) .detail,
    :host([open]) .list {
      display: block;
    }
    .list {
      padding: 2rem 1.25rem;
      border-inline-end: 1px solid var(--rd-line);
    }
    .detail {
      padding: 2rem 2.5rem;
    }
    .back {
      display: none;
    }
  }
`;
