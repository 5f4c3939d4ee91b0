/**
 * The security code: seven emoji that both people see alike exactly when nobody sits between their browsers. Touches
 * SHA-256 and nothing else.
 *
 * The media is encrypted end to end (DTLS-SRTP), and each side trusts the certificate whose fingerprint stands in the
 * other's description (`a=fingerprint`, RFC 8122). Whoever carries the descriptions, the service itself, could put its
 * own there (RFC 8827 §4.1); two people who read the code to each other would notice.
 *
 * How it is derived, so that another client can show the same:
 * 1. From the local and from the remote description take the values of all `a=fingerprint` lines: the name of the hash
 *    in lower case, one space, the pairs of hex digits in upper case. Of one description each value counts once; several
 *    are sorted and joined by commas.
 * 2. Sort the two texts by their UTF-16 code units and join them with a line feed behind the label:
 *    `ringdown security code 1` LF first LF second. UTF-8 of that goes into SHA-256.
 * 3. The first 42 bits of the digest, most significant first, are seven numbers of six bits: places in {@link EMOJI}.
 *
 * What it is worth: somebody in between has one chance in 2^42 with certificates chosen blindly. The code is no
 * commitment: who can compute 2^42 certificates while it rings may find one that fits. It is compared by voice or by
 * eye, within the call, and is good for that call only.
 */

/** One sign of a security code. */
export interface SecuritySign {
  readonly emoji: string;
  /** Its English name in one word, for screen readers and for reading aloud. */
  readonly name: string;
}

/** The table: 64 signs that are easy to tell apart and to name. Their order is part of the derivation. */
export const EMOJI: readonly SecuritySign[] = Array.from(
  (
    '🐝bee🦉owl🐢turtle🐙octopus🐘elephant🦒giraffe🐧penguin🦊fox' +
    '🐸frog🐳whale🦆duck🐌snail🦔hedgehog🐪camel🦀crab🐓rooster' +
    '🌵cactus🌻sunflower🍄mushroom🌴palm🍋lemon🍒cherries🍍pineapple🍌banana' +
    '🥕carrot🌽corn🧀cheese🥐croissant🥚egg🍕pizza🍯honey🍪cookie' +
    '🌙moon⚡lightning🌈rainbow❄️snowflake🔥fire🌋volcano🏰castle⛺tent' +
    '🚲bicycle🚜tractor🚀rocket⛵sailboat🚂train🎈balloon⚓anchor🪁kite' +
    '🎻violin🥁drum🎺trumpet🔔bell🎲dice🎩hat👑crown☂️umbrella' +
    '👓glasses🔑key✂️scissors🔨hammer🕯️candle📎paperclip⏰clock🧭compass'
  ).matchAll(/(\W+)(\w+)/g),
  ([, emoji = '', name = '']) => ({ emoji, name }),
);

const LABEL = 'ringdown security code 1';
const SIGNS = 7;

/**
 * Derives the code of a connection.
 * @param localSdp the description of this side @param remoteSdp that of the other side
 * @param sha256 the SHA-256 of some bytes
 * @returns seven signs; undefined when a description has no fingerprint
 * @throws what `sha256` throws
 */
export async function securityCodeOf(
  localSdp: string,
  remoteSdp: string,
  sha256: (bytes: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>,
): Promise<readonly SecuritySign[] | undefined> {
  const [local, remote] = [fingerprintsOf(localSdp), fingerprintsOf(remoteSdp)];
  if (local === '' || remote === '') return undefined;
  const text = [LABEL, ...[local, remote].sort()].join('\n');
  const digest = await sha256(new TextEncoder().encode(text));
  return signsOf(digest);
}

/** The fingerprints of a description in one text; empty when it has none. */
function fingerprintsOf(sdp: string): string {
  const found = new Set<string>();
  for (const [, hash = '', value = ''] of sdp.matchAll(/^a=fingerprint:(\S+)[ \t]+([0-9a-fA-F:]+)[ \t]*\r?$/gm)) {
    found.add(`${hash.toLowerCase()} ${value.toUpperCase()}`);
  }
  return [...found].sort().join(',');
}

function signsOf(digest: Uint8Array): SecuritySign[] {
  const bits = [...digest].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const numbers = (bits.match(/.{6}/g) ?? []).slice(0, SIGNS);
  return numbers.map((six) => EMOJI[Number.parseInt(six, 2)] as SecuritySign);
}
