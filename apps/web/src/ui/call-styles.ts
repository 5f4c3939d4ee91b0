/** The styles of the dark stage a call plays on, the same in light and dark. */
import { css } from 'lit';

/** The styles of the stage and its round buttons. */
export const callStyles = css`
  :host {
    --stage-ink: #fff6ef;
    --stage-soft: #e3cfc1;
    --rd-focus: #9fd0ff;
    position: fixed;
    z-index: 10;
    inset: 0;
    overflow: hidden;
    background:
      radial-gradient(80% 60% at 50% 0%, #6b3019 0%, transparent 70%),
      linear-gradient(180deg, #35190f 0%, #170d09 75%);
    color: var(--stage-ink);
    animation: appear 0.25s ease-out;
  }
  @keyframes appear {
    from {
      opacity: 0;
    }
  }
  h1 {
    font-size: 1.75rem;
  }
  /* Focus goes to the whole stage so that a screen reader begins there; it is nothing to press. */
  main:focus-visible {
    outline: none;
  }
  .stage-soft {
    color: var(--stage-soft);
  }
  .controls {
    display: flex;
    justify-content: center;
    gap: clamp(0.75rem, 4vw, 1.5rem);
  }
  .control {
    display: grid;
    justify-items: center;
    gap: 0.375rem;
    min-width: 4.5rem;
    font-size: 0.8125rem;
    text-align: center;
  }
  .control button {
    width: 62px;
    height: 62px;
    padding: 0;
    background: rgb(255 246 239 / 18%);
    color: var(--stage-ink);
    backdrop-filter: blur(14px);
  }
  .control .icon {
    width: 1.75rem;
    height: 1.75rem;
  }
  .control button.off {
    background: #fff6ef;
    color: #2a140b;
  }
  .control button.end {
    background: #c92a1e;
    color: #fff;
  }
  .control button.take {
    background: #1d8a4e;
    color: #fff;
  }
  @media (hover: hover) {
    .control button:hover:not(:disabled) {
      background: rgb(255 246 239 / 32%);
    }
    .control button.off:hover:not(:disabled) {
      background: #ffffff;
    }
    .control button.end:hover:not(:disabled) {
      background: #e0392b;
    }
    .control button.take:hover:not(:disabled) {
      background: #24a35e;
    }
  }
  .halo {
    position: relative;
    display: grid;
    place-items: center;
  }
  .halo::before,
  .halo::after {
    content: '';
    position: absolute;
    inset: 0;
    border: 2px solid rgb(255 190 150 / 55%);
    border-radius: 50%;
    animation: ripple 2.4s var(--rd-ease) infinite;
  }
  .halo::after {
    animation-delay: 1.2s;
  }
  .halo.still::before,
  .halo.still::after {
    content: none;
  }
  @keyframes ripple {
    to {
      opacity: 0;
      transform: scale(1.7);
    }
  }
`;
