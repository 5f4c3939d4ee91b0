/** Avatars: a picture that follows from a word, drawn here, so that showing one contacts nobody else (T30). Pure. */
import { createHash } from 'node:crypto';

/** Side of the picture, in its own units. */
const SIZE = 96;

/**
 * Draws the avatar of a word: three soft shapes on a gradient of two neighbouring colours.
 * @param word lower-case letters and digits
 * @returns an SVG document without text, script or links
 */
export function avatarSvg(word: string): string {
  const bytes = createHash('sha256').update(word).digest();
  const byte = (index: number) => bytes[index] ?? 0;
  const within = (index: number, least: number, most: number) =>
    Math.round(least + (byte(index) / 255) * (most - least));
  const hue = Math.round((byte(0) / 255) * 359);
  const colour = (turn: number, lightness: number) => `hsl(${(hue + turn) % 360} 62% ${lightness}%)`;
  const circle = (index: number, turn: number) =>
    `<circle cx="${within(index, 8, 88)}" cy="${within(index + 1, 8, 88)}" r="${within(index + 2, 18, 42)}" ` +
    `fill="${colour(turn, 68)}" fill-opacity="0.45"/>`;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${SIZE} ${SIZE}" width="${SIZE}" height="${SIZE}">` +
    `<defs><linearGradient id="g" gradientTransform="rotate(${within(1, 0, 90)} 0.5 0.5)">` +
    `<stop stop-color="${colour(0, 52)}"/><stop offset="1" stop-color="${colour(48, 42)}"/></linearGradient></defs>` +
    `<rect width="${SIZE}" height="${SIZE}" fill="url(#g)"/>` +
    `${circle(2, 24)}${circle(5, 60)}${circle(8, 330)}</svg>`
  );
}
