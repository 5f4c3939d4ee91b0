/** The styles of rows that open something: a face and a name to press, with further buttons beside. */
import { css } from 'lit';

/** The styles of such rows. */
export const rowStyles = css`
  .item {
    margin-inline: -0.5rem;
    padding-inline: 0.5rem;
    gap: 0.5rem;
    border-radius: 16px;
  }
  .item.open {
    background: var(--rd-sunken);
  }
  @media (hover: hover) {
    .item:hover {
      background: var(--rd-sunken);
    }
    .item .face:hover:not(:disabled) {
      background: none;
    }
  }
  .face {
    flex: 1;
    justify-content: flex-start;
    gap: 0.875rem;
    min-width: 0;
    min-height: 64px;
    padding: 0.5rem 0.25rem;
    border-radius: 12px;
    background: none;
    font-weight: 400;
    text-align: start;
  }
  /* The own row opens nothing, but is no less to be read. */
  .face:disabled {
    opacity: 1;
  }
  .face:active:not(:disabled) {
    transform: none;
  }
  .grow > strong,
  .grow > span {
    display: block;
  }
`;
