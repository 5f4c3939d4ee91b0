import { describe, expect, it } from 'vitest';
import { serviceAddress } from './address.ts';

describe('address', () => {
  it.each([
    ['http://localhost:8080', 'ws://localhost:8080/ws', 'http://localhost:8080'],
    ['https://call.example/', 'wss://call.example/ws', 'https://call.example'],
    ['wss://call.example/ws', 'wss://call.example/ws', 'https://call.example'],
    ['https://example.org/calls', 'wss://example.org/calls/ws', 'https://example.org/calls'],
    ['ws://example.org/calls/ws/', 'ws://example.org/calls/ws', 'http://example.org/calls'],
  ])('both doors are derived from %s', (url, socketUrl, httpBase) => {
    expect(serviceAddress(url)).toEqual({ socketUrl, httpBase });
  });

  it('[T17] a token in the address never reaches a request', () => {
    const address = serviceAddress('https://user:secret@call.example/ws?token=secret#secret');
    expect(JSON.stringify(address)).not.toContain('secret');
  });

  it('an address of another scheme is refused', () => {
    expect(() => serviceAddress('ftp://call.example')).toThrow(TypeError);
  });
});
