/** A new picture by chance: the service draws one for every name. */

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** The address of a picture nobody has chosen before: `/avatars/` and twelve letters or digits. */
export function randomAvatar(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  // The slight preference for the first letters does not matter to a picture.
  return `/avatars/${Array.from(bytes, (byte) => LETTERS[byte % LETTERS.length]).join('')}.svg`;
}
