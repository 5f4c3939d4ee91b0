/** The person's own picture in a corner of the call; drag it, or press it, to move it to another corner. */
import { css, html, LitElement } from 'lit';
import { styles } from '../ui/styles.ts';

const CORNERS = ['top-right', 'bottom-right', 'bottom-left', 'top-left'] as const;
/** Less than this is a press, not a drag, in CSS pixels. */
const DRAG_PX = 8;

/** `<rd-own-picture .stream .off label>`. */
class RdOwnPicture extends LitElement {
  static override properties = {
    stream: { attribute: false },
    off: { type: Boolean, reflect: true },
    label: {},
    corner: { reflect: true },
  };
  declare stream: MediaStream | undefined;
  /** Whether the camera is off. */
  declare off: boolean;
  declare label: string;
  declare corner: (typeof CORNERS)[number];
  #from: { x: number; y: number; moved: boolean } | undefined;

  static override styles = [
    styles,
    css`
      :host {
        position: absolute;
        z-index: 2;
        width: clamp(96px, 22vmin, 220px);
        touch-action: none;
      }
      :host([corner^='top']) {
        top: calc(5rem + var(--rd-top));
      }
      :host([corner^='bottom']) {
        bottom: calc(8.5rem + var(--rd-bottom));
      }
      :host([corner$='right']) {
        right: calc(1rem + var(--rd-right));
      }
      :host([corner$='left']) {
        left: calc(1rem + var(--rd-left));
      }
      button {
        display: block;
        width: 100%;
        height: auto;
        padding: 0;
        overflow: hidden;
        border-radius: 18px;
        background: #2c1a12;
        box-shadow: 0 6px 24px rgb(0 0 0 / 45%);
        cursor: grab;
      }
      button:active:not(:disabled) {
        cursor: grabbing;
        transform: none;
      }
      video {
        display: block;
        width: 100%;
        aspect-ratio: 3 / 4;
        object-fit: cover;
        transform: scaleX(-1);
      }
      :host([off]) {
        display: none;
      }
      @media (min-aspect-ratio: 1) {
        video {
          aspect-ratio: 4 / 3;
        }
      }
    `,
  ];

  constructor() {
    super();
    this.corner = 'top-right';
    this.off = false;
    this.label = '';
  }

  override render() {
    return html`<button
      type="button"
      aria-label=${this.label}
      @click=${this.#onClick}
      @pointerdown=${this.#onDown}
      @pointermove=${this.#onMove}
      @pointerup=${this.#onUp}
      @pointercancel=${this.#onUp}
    >
      <video data-testid="local-video" autoplay playsinline muted .srcObject=${this.stream ?? null}></video>
    </button>`;
  }

  #onDown(event: PointerEvent): void {
    this.#from = { x: event.clientX, y: event.clientY, moved: false };
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
  }

  #onMove(event: PointerEvent): void {
    const from = this.#from;
    if (!from) return;
    const [dx, dy] = [event.clientX - from.x, event.clientY - from.y];
    from.moved ||= Math.hypot(dx, dy) > DRAG_PX;
    if (from.moved) this.style.setProperty('translate', `${dx}px ${dy}px`);
  }

  #onUp(event: PointerEvent): void {
    const moved = this.#from?.moved;
    if (!moved) this.#from = undefined;
    this.style.removeProperty('translate');
    if (!moved) return;
    const stage = (this.offsetParent ?? document.documentElement).getBoundingClientRect();
    const vertical = event.clientY < stage.top + stage.height / 2 ? 'top' : 'bottom';
    const horizontal = event.clientX < stage.left + stage.width / 2 ? 'left' : 'right';
    this.corner = `${vertical}-${horizontal}`;
  }

  #onClick(): void {
    // A drag ends in a click, too; it has moved the picture already.
    const dragged = this.#from?.moved;
    this.#from = undefined;
    if (dragged) return;
    this.corner = CORNERS[(CORNERS.indexOf(this.corner) + 1) % CORNERS.length] ?? 'top-right';
  }
}
customElements.define('rd-own-picture', RdOwnPicture);
