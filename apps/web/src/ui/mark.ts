/** The sign of Ringdown: two ends of one line, and a face. */
import { svg } from 'lit';

/** The sign in the colour of the text around it. */
export const mark = svg`<svg viewBox="0 0 32 32" fill="none" stroke="currentColor" stroke-width="2.6" stroke-linecap="round" aria-hidden="true">
  <circle cx="9.6" cy="11.6" r="3.3"></circle>
  <circle cx="22.4" cy="11.6" r="3.3" fill="currentColor"></circle>
  <path d="M9.6 14.9c0 11.6 12.8 11.6 12.8 0"></path>
</svg>`;
