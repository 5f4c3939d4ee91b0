/** The icons of the app, drawn for it on a 24 × 24 grid. */
import { html, type SVGTemplateResult, svg, type TemplateResult } from 'lit';

const HANDSET = svg`<path d="M6.6 3.6h2a1.1 1.1 0 0 1 1.1.9l.5 2.9a1.1 1.1 0 0 1-.4 1L8.1 9.8a12.4 12.4 0 0 0 6.1 6.1l1.4-1.7a1.1 1.1 0 0 1 1-.4l2.9.5a1.1 1.1 0 0 1 .9 1.1v2a2.2 2.2 0 0 1-2.2 2.2A13.8 13.8 0 0 1 4.4 5.8a2.2 2.2 0 0 1 2.2-2.2z"/>`;
const CAMERA = svg`<rect x="2.8" y="6.4" width="12.6" height="11.2" rx="2.8"/><path d="m15.4 10.6 4.4-2.7a.9.9 0 0 1 1.4.8v6.6a.9.9 0 0 1-1.4.8l-4.4-2.7"/>`;
const MICROPHONE = svg`<rect x="9" y="3" width="6" height="11" rx="3"/><path d="M5.6 11.4a6.4 6.4 0 0 0 12.8 0M12 17.8V21"/>`;
const SLASH = svg`<path d="M4 4l16 16"/>`;

const ICONS = {
  phone: HANDSET,
  'hang-up': svg`<g transform="rotate(135 12 12) translate(.6 -.6)" fill="currentColor">${HANDSET}</g>`,
  camera: CAMERA,
  'camera-off': svg`${CAMERA}${SLASH}`,
  microphone: MICROPHONE,
  'microphone-off': svg`${MICROPHONE}${SLASH}`,
  people: svg`<circle cx="9" cy="8.4" r="3.4"/><path d="M2.8 19.4c.5-3.6 3-5.6 6.2-5.6s5.7 2 6.2 5.6M15.4 5.3a3.3 3.3 0 0 1 0 6.2M17.6 14.3c2 .8 3.3 2.6 3.6 5.1"/>`,
  clock: svg`<circle cx="12" cy="12" r="8.6"/><path d="M12 7v5.2l3.4 2"/>`,
  settings: svg`<path d="M4 7h9M17.6 7H20M4 17h2.4M11 17h9"/><circle cx="15.3" cy="7" r="2.3"/><circle cx="8.7" cy="17" r="2.3"/>`,
  search: svg`<circle cx="10.8" cy="10.8" r="6.6"/><path d="m15.8 15.8 4.6 4.6"/>`,
  plus: svg`<path d="M12 5v14M5 12h14"/>`,
  check: svg`<path d="m5 12.6 4.6 4.6L19 7.4"/>`,
  close: svg`<path d="M6 6l12 12M18 6 6 18"/>`,
  back: svg`<path d="m14.6 5.4-6.6 6.6 6.6 6.6"/>`,
  outgoing: svg`<path d="M7 17 17 7M9 7h8v8"/>`,
  incoming: svg`<path d="M17 7 7 17M15 17H7V9"/>`,
  missed: svg`<path d="M11.5 12.5 5 19M5 13v6h6M14 5l5 5M19 5l-5 5"/>`,
  expand: svg`<path d="M4 9.4V4h5.4M14.6 4H20v5.4M20 14.6V20h-5.4M9.4 20H4v-5.4"/>`,
  shrink: svg`<path d="M9.4 4v5.4H4M20 9.4h-5.4V4M14.6 20v-5.4H20M4 14.6h5.4V20"/>`,
  dice: svg`<rect x="4" y="4" width="16" height="16" rx="4.2"/><g fill="currentColor" stroke="none"><circle cx="8.8" cy="8.8" r="1.35"/><circle cx="15.2" cy="15.2" r="1.35"/><circle cx="12" cy="12" r="1.35"/></g>`,
  eye: svg`<path d="M2.8 12S6 5.8 12 5.8 21.2 12 21.2 12 18 18.2 12 18.2 2.8 12 2.8 12z"/><circle cx="12" cy="12" r="2.9"/>`,
  'eye-off': svg`<path d="M2.8 12S6 5.8 12 5.8 21.2 12 21.2 12 18 18.2 12 18.2 2.8 12 2.8 12z"/><circle cx="12" cy="12" r="2.9"/>${SLASH}`,
  sound: svg`<path d="M4 9.6v4.8h3.4L12 18.4V5.6L7.4 9.6zM15.6 9a4.4 4.4 0 0 1 0 6M18 6.4a8 8 0 0 1 0 11.2"/>`,
  group: svg`<circle cx="12" cy="7.6" r="3"/><circle cx="5.4" cy="15.4" r="2.4"/><circle cx="18.6" cy="15.4" r="2.4"/><path d="M7.6 20.4c.4-3.4 2-5.4 4.4-5.4s4 2 4.4 5.4"/>`,
  block: svg`<circle cx="12" cy="12" r="8.6"/><path d="m6 6 12 12"/>`,
  leave: svg`<path d="M10 4H6.6A2.6 2.6 0 0 0 4 6.6v10.8A2.6 2.6 0 0 0 6.6 20H10M15.4 8 20 12l-4.6 4M9.6 12H20"/>`,
  'person-minus': svg`<circle cx="10" cy="8.4" r="3.4"/><path d="M3.4 19.4c.5-3.6 3.2-5.6 6.6-5.6s6.1 2 6.6 5.6M16.6 10h4.6"/>`,
} satisfies Record<string, SVGTemplateResult>;

/** The name of an icon. */
export type IconName = keyof typeof ICONS;

/** An icon; it says nothing to a screen reader, so the button around it has to. */
export function icon(name: IconName): TemplateResult {
  return html`<svg
    class="icon"
    viewBox="0 0 24 24"
    fill="none"
    stroke="currentColor"
    stroke-width="1.8"
    stroke-linecap="round"
    stroke-linejoin="round"
    aria-hidden="true"
  >${ICONS[name]}</svg>`;
}
