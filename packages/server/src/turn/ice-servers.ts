/** ICE servers for one user: STUN as it is, TURN with credentials that soon run out. Keeps nothing. */
import { createHmac } from 'node:crypto';
import type { RestData } from '@ringdown/protocol';
import type { Config } from '../config.ts';

/** How long a credential is good when it is new, in seconds. */
const LIFETIME_SECONDS = 3_600;
/** A credential is handed out for this long; so the last one who gets it still has half of its life. */
const HANDED_OUT_SECONDS = LIFETIME_SECONDS / 2;

/** Makes the answer to "which ICE servers may this user use now". */
export type IceServers = (userId: string, now: number) => RestData<'iceServers'>;

/**
 * TURN credentials by the TURN REST scheme (draft-uberti-behave-turn-rest): the user name is an expiry time and an
 * opaque id, the password its HMAC-SHA1. Both follow from the secrets, the user and the half hour alone, so the same
 * user gets the same credential until its half-life, on every node and after a restart, without a table of them.
 * @param config.turnSecrets the first one signs
 */
export function iceServers(config: Pick<Config, 'stunUrls' | 'turnUrls' | 'turnSecrets' | 'authSecret'>): IceServers {
  const [secret] = config.turnSecrets;
  return (userId, now) => {
    const who = opaqueUser(config.authSecret, userId);
    const nowSeconds = Math.floor(now / 1000);
    // Each user's half hours begin at another time, or everybody would come for new credentials at once.
    const sinceChange = (nowSeconds + (who.readUInt32BE(0) % HANDED_OUT_SECONDS)) % HANDED_OUT_SECONDS;
    const expiry = nowSeconds - sinceChange + LIFETIME_SECONDS;
    const servers: RestData<'iceServers'>['iceServers'] = [];
    if (config.stunUrls.length > 0) servers.push({ urls: [...config.stunUrls] });
    if (config.turnUrls.length > 0 && secret !== undefined) {
      servers.push({ urls: [...config.turnUrls], ...turnCredential(secret, expiry, who.toString('hex')) });
    }
    return {
      iceServers: servers,
      ttl: expiry - nowSeconds,
      expiresAt: new Date(expiry * 1000).toISOString(),
    };
  };
}

/**
 * @param secret shared with the TURN server @param expirySeconds when it runs out, seconds since the epoch
 * @param user opaque id without a colon
 */
export function turnCredential(secret: string, expirySeconds: number, user: string) {
  const username = `${expirySeconds}:${user}`;
  return { username, credential: createHmac('sha1', secret).update(username).digest('base64') };
}

/** 16 bytes that tell users apart in the TURN server's log without saying who they are. */
function opaqueUser(key: Uint8Array, userId: string): Buffer {
  return createHmac('sha256', key).update(`turn user ${userId}`).digest().subarray(0, 16);
}
