/** The styles of a dialog about a call that waits for the person: who it is, and round buttons to choose from. */
import { css } from 'lit';

/** To be used after the styles of calls and of dialogs. */
export const callDialogStyles = css`
  :host {
    display: contents;
  }
  dialog {
    padding: 2.25rem 1.5rem 1.75rem;
    background:
      radial-gradient(110% 70% at 50% 0%, #7a3519 0%, transparent 75%),
      linear-gradient(180deg, #3a1b10 0%, #1f110b 100%);
    color: var(--stage-ink);
  }
  .who {
    display: grid;
    justify-items: center;
    gap: 0.25rem;
    text-align: center;
  }
  .halo {
    margin: 1.25rem 0 2rem;
  }
  h1 {
    outline: none;
  }
  .hint {
    margin: 0.5rem 0 1.75rem;
  }
  /* A phone on its side. */
  @media (max-height: 520px) {
    dialog[open] {
      display: grid;
      grid-template-columns: minmax(0, 1fr) auto;
      align-items: center;
      gap: 1.5rem;
      width: min(44rem, calc(100vw - 2rem));
      padding: 1.25rem 1.75rem;
    }
    .halo {
      margin: 1.25rem 0 1.5rem;
    }
    .halo rd-avatar {
      --size: 72px;
    }
    .hint {
      margin-bottom: 0;
    }
    h1 {
      font-size: 1.375rem;
    }
  }
`;
