/** Whose connection it is: an address or `unknown`, whatever a header claims. */
import { isIP } from 'node:net';
import { readConfig } from '@ringdown/server';
import fc from 'fast-check';
import { addressKey, clientAddress } from '../../../../packages/server/src/http/client-address.ts';
import { expect } from '../../target.ts';
import type { Reader } from './reader.ts';

function addresses(): fc.Arbitrary<string> {
  return fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.ipV4().map((address) => `::ffff:${address}`),
    fc.ipV6().map((address) => `[${address}]:443`),
    fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 33 })).map((each) => each.join('/')),
    fc.constantFrom(
      '10.0.0.1',
      '10.0.0.0/8',
      '::1',
      'fe80::1%eth0',
      '::',
      '::ffff:0:0',
      'unknown',
      '',
      '_hidden',
      '1.2.3.4:80',
    ),
  );
}

function readAddress(text: string, folder: string): string {
  const [peer = '', hops, ...proxies] = text.split('\n');
  let trusted: readonly string[];
  try {
    trusted = readConfig({ DATA_DIR: folder, TRUSTED_PROXIES: proxies.join() }, folder).trustedProxies;
  } catch {
    return 'untrusted';
  }
  const address = clientAddress(peer, hops, trusted);
  expect(address === 'unknown' || isIP(address) !== 0, 'the address of a client is none');
  expect(
    trusted.length > 0 || hops === undefined || clientAddress(peer, undefined, []) === address,
    'a header is believed',
  );
  const key = addressKey(address);
  expect(key === address || /^[0-9a-f]{1,4}(:[0-9a-f]{1,4}){3}::\/64$/.test(key), 'a limit counts by no address');
  return `${isIP(address)} ${trusted.length}`;
}

/** The peer, the `X-Forwarded-For` header, and the trusted proxies, a line each. */
export const addressReader: Reader = {
  examples: fc
    .tuple(addresses(), fc.array(addresses(), { maxLength: 4 }), fc.array(addresses(), { maxLength: 2 }))
    .map(([peer, hops, proxies]) => [peer, hops.join(', '), ...proxies].join('\n')),
  read: readAddress,
};
