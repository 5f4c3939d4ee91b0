/** Whose connection this is: the address behind the proxies that are trusted, and the key its limits go by. Pure. */
import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net';

/**
 * The address of the client. Every proxy appends whom it saw to `X-Forwarded-For`, so the list is read from its end
 * and only as far as trusted proxies wrote it: what a client put there itself is never reached.
 * @param remoteAddress peer of the TCP connection, undefined when it is gone already
 * @param forwardedFor the `X-Forwarded-For` header, several joined by commas
 * @param trustedProxies addresses or CIDR ranges, checked by the configuration
 * @returns an IP address in its plain form, or `unknown`
 */
export function clientAddress(
  remoteAddress: string | undefined,
  forwardedFor: string | undefined,
  trustedProxies: readonly string[],
): string {
  let address = plain(remoteAddress ?? '');
  if (address === undefined) return 'unknown';
  const hops = (forwardedFor ?? '').split(',');
  const trusted = rangesOf(trustedProxies);
  while (contains(trusted, address)) {
    const before = plain(withoutPort(hops.pop() ?? ''));
    if (before === undefined) break;
    address = before;
  }
  return address;
}

/**
 * What limits count by: an IPv4 address, or the first 64 bits of an IPv6 one, since a household has that many.
 * @param address as {@link clientAddress} returns it
 */
export function addressKey(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  const groups = [...before, ...Array<string>(zeros).fill('0'), ...after];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}

/** IPv4 in IPv6 becomes IPv4, IPv6 loses its zone and gets its canonical form; undefined for what is no address. */
function plain(text: string): string | undefined {
  const address = text.trim().replace(/%.*$/, '');
  if (isIPv4(address)) return address;
  if (!isIPv6(address)) return undefined;
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(canonical);
  if (!mapped?.[1] || !mapped[2]) return canonical;
  const bits = [mapped[1], mapped[2]].map((group) => Number.parseInt(group, 16));
  return bits.flatMap((group) => [group >> 8, group & 0xff]).join('.');
}

/** Some proxies write `1.2.3.4:5678` or `[::1]:5678`. */
function withoutPort(hop: string): string {
  const text = hop.trim();
  return /^\[([^\]]*)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text;
}

const known = new WeakMap<readonly string[], BlockList>();

function rangesOf(proxies: readonly string[]): BlockList {
  let list = known.get(proxies);
  if (list) return list;
  list = new BlockList();
  for (const proxy of proxies) {
    const [address = '', prefix] = proxy.split('/');
    const family = isIPv4(address) ? 'ipv4' : 'ipv6';
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  known.set(proxies, list);
  return list;
}

function contains(list: BlockList, address: string): boolean {
  return list.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6');
}
