/** What calls, people and their devices are called. */

/** Canonical wire id of a user. */
export type UserId = string;
/** UUID of a call. */
export type CallId = string;
/** Milliseconds since the epoch by the store's clock. */
export type Millis = number;

/**
 * A user on a device: `<user>/<device>`. A plain session has no device, so its socket stands for one: `<user>/~<socket>`.
 */
export type Endpoint = `${UserId}/${string}`;

/** The endpoint of an extended session, which lives longer than its sockets. */
export function deviceEndpoint(user: UserId, deviceId: string): Endpoint {
  return `${user}/${deviceId}`;
}

/** The endpoint of a plain session, which is its one socket (DS-3). */
export function plainEndpoint(user: UserId, socketId: string): Endpoint {
  return `${user}/~${socketId}`;
}

/** The user an endpoint belongs to. */
export function userOf(endpoint: Endpoint): UserId {
  return endpoint.slice(0, endpoint.indexOf('/'));
}

/** Whether an endpoint is one plain socket. */
export function isPlain(endpoint: Endpoint): boolean {
  return endpoint.charAt(endpoint.indexOf('/') + 1) === '~';
}
