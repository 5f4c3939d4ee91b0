/** User ids as they stand on the wire: canonical decimal strings of a positive integer below 2^53 (OF-2, T24). */
import Type from 'typebox';

const CANONICAL = /^[1-9][0-9]{0,15}$/;

/** A user id as a client may write it: the canonical string, or the JSON number of the same value. */
export const UserIdInput = Type.Union(
  [
    Type.Refine(
      Type.String({ pattern: CANONICAL.source }),
      (id) => Number(id) <= Number.MAX_SAFE_INTEGER,
      () => 'must be below 2^53',
    ),
    Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
  ],
  { description: 'a user id: the decimal digits of a positive integer below 2^53' },
);

/** A user id as the service writes it: always the canonical string. */
export const UserIdText = Type.String({ pattern: CANONICAL.source, description: 'user id' });

/**
 * Makes the canonical string of a user id that {@link UserIdInput} let through.
 * @param id canonical string or safe positive integer
 */
export function userIdText(id: string | number): string {
  return typeof id === 'number' ? String(id) : id;
}

/**
 * Tells whether a text is a user id in canonical form, for ids that come from a path or a token.
 * @param text anything
 */
export function isUserId(text: string): boolean {
  return CANONICAL.test(text) && Number(text) <= Number.MAX_SAFE_INTEGER;
}
