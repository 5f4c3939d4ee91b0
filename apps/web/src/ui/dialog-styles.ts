/** The styles of a modal dialog: a sheet at the bottom of a phone, a card in the middle elsewhere. */
import { css } from 'lit';

/** The styles of a `dialog` element. */
export const dialogStyles = css`
  dialog {
    width: min(26rem, calc(100vw - 2rem));
    max-height: calc(100dvh - 2rem);
    margin: auto;
    padding: 1.75rem;
    border: 0;
    border-radius: 24px;
    background: var(--rd-surface);
    color: var(--rd-ink);
    box-shadow: var(--rd-shadow-high);
  }
  dialog[open] {
    animation: arrive 0.3s var(--rd-ease);
  }
  dialog::backdrop {
    background: rgb(20 12 8 / 55%);
    backdrop-filter: blur(6px);
  }
  @keyframes arrive {
    from {
      opacity: 0;
      transform: translateY(24px) scale(0.97);
    }
  }
  @media (max-width: 599px) {
    dialog {
      margin-bottom: calc(1rem + var(--rd-bottom));
    }
  }
`;
