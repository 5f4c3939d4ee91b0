import { describe, expect, test } from 'vitest';
import { addressKey, clientAddress } from './client-address.ts';

const PROXIES = ['10.0.0.1', '172.16.0.0/12', 'fd00::/8'];

describe('the address of a client', () => {
  test.each<[string, string | undefined, string | undefined, readonly string[], string]>([
    ['is the connection’s when no proxy is trusted', '203.0.113.9', '1.2.3.4', [], '203.0.113.9'],
    ['is the connection’s when it comes from no trusted proxy', '203.0.113.9', '1.2.3.4', PROXIES, '203.0.113.9'],
    ['is what a trusted proxy saw', '10.0.0.1', '203.0.113.9', PROXIES, '203.0.113.9'],
    ['is what a proxy of a trusted range saw', '172.31.255.255', '203.0.113.9', PROXIES, '203.0.113.9'],
    ['[T42] is not what the client itself put before it', '10.0.0.1', '1.2.3.4, 203.0.113.9', PROXIES, '203.0.113.9'],
    ['is found behind two trusted proxies', '10.0.0.1', '1.2.3.4, 203.0.113.9, 172.16.0.7', PROXIES, '203.0.113.9'],
    ['is the proxy’s when it says nothing', '10.0.0.1', undefined, PROXIES, '10.0.0.1'],
    ['is the proxy’s when it says nonsense', '10.0.0.1', 'unknown', PROXIES, '10.0.0.1'],
    ['is not what stands before nonsense', '10.0.0.1', '203.0.113.9, _hidden', PROXIES, '10.0.0.1'],
    ['is the last proxy’s when all are trusted', '10.0.0.1', '172.16.0.7', PROXIES, '172.16.0.7'],
    ['may come with a port', '10.0.0.1', '203.0.113.9:4711', PROXIES, '203.0.113.9'],
    ['may be IPv6', 'fd00::1', '2001:DB8::7', PROXIES, '2001:db8::7'],
    ['may be IPv6 with brackets and a port', 'fd00::1', '[2001:db8::7]:4711', PROXIES, '2001:db8::7'],
    ['is IPv4 when it came as IPv4 in IPv6', '::ffff:203.0.113.9', undefined, [], '203.0.113.9'],
    ['is compared as IPv4 then', '::ffff:10.0.0.1', '203.0.113.9', PROXIES, '203.0.113.9'],
    ['loses its zone', 'fe80::1%eth0', undefined, [], 'fe80::1'],
    ['has one form only', '2001:0db8:0:0:0:0:0:7', undefined, [], '2001:db8::7'],
    ['is unknown when the connection is gone', undefined, '203.0.113.9', PROXIES, 'unknown'],
  ])('%s', (_name, remote, forwarded, proxies, expected) => {
    expect(clientAddress(remote, forwarded, proxies)).toBe(expected);
  });

  test('counts as itself when it is IPv4, and as its /64 when it is IPv6', () => {
    expect(addressKey('203.0.113.9')).toBe('203.0.113.9');
    expect(addressKey('unknown')).toBe('unknown');
    const household = [
      '2001:db8:1:2::1',
      '2001:db8:1:2:ffff:ffff:ffff:ffff',
      '2001:db8:1:2:3:4:5:6',
      '2001:0db8:0001:0002::',
    ];
    expect(new Set(household.map(addressKey))).toEqual(new Set(['2001:db8:1:2::/64']));
    expect(addressKey('2001:db8:1:3::1')).toBe('2001:db8:1:3::/64');
    expect(addressKey('::1')).toBe('0:0:0:0::/64');
    expect(addressKey('2001:db8::')).toBe('2001:db8:0:0::/64');
    expect(addressKey('1:2:3:4:5:6:7:8')).toBe('1:2:3:4::/64');
  });
});
