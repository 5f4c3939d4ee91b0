/** Where the service is: its socket and its REST door, from the one address an application gives. */

/** The two doors of a service. Neither ends in a slash. */
export interface ServiceAddress {
  /** `ws(s)://…/ws` */
  readonly socketUrl: string;
  /** `http(s)://…`, the part before `/api`. */
  readonly httpBase: string;
}

/**
 * Derives both doors.
 * @param url `ws(s)://host/ws` or `http(s)://host`; a base path before either is kept, query and fragment are not,
 *   since nothing secret may travel there
 * @throws {TypeError} when it is not a URL of these schemes
 */
export function serviceAddress(url: string | URL): ServiceAddress {
  const parsed = new URL(url);
  const secure = parsed.protocol === 'wss:' || parsed.protocol === 'https:';
  if (!secure && parsed.protocol !== 'ws:' && parsed.protocol !== 'http:') {
    throw new TypeError('expected a ws, wss, http or https address');
  }
  const path = parsed.pathname.replace(/\/+$/, '').replace(/\/ws$/, '');
  return {
    socketUrl: `${secure ? 'wss' : 'ws'}://${parsed.host}${path}/ws`,
    httpBase: `${secure ? 'https' : 'http'}://${parsed.host}${path}`,
  };
}
