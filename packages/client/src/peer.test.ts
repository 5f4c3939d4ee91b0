import { describe, expect, it } from 'vitest';
import { withDtlsRole } from './peer.ts';

const sdp = (...setups: string[]) =>
  ['v=0', ...setups.flatMap((setup) => ['m=audio 9 UDP/TLS/RTP/SAVPF 111', `a=setup:${setup}`]), ''].join('\r\n');
const offer = sdp('actpass', 'actpass');

describe('a later offer', () => {
  it.each([
    ['answered actively', sdp('active'), sdp('actpass'), 'active'],
    ['answered passively', sdp('passive'), sdp('actpass'), 'passive'],
    ['was answered actively', sdp('actpass'), sdp('active'), 'passive'],
    ['was answered passively', sdp('actpass'), sdp('passive'), 'active'],
  ])('of a side that %s keeps that role', (_, localSdp, remoteSdp, role) => {
    expect(withDtlsRole(offer, { localSdp, remoteSdp })).toBe(sdp(role, role));
  });

  it('is left as it is when no role is known', () => {
    expect(withDtlsRole(offer, undefined)).toBe(offer);
    expect(withDtlsRole(offer, { localSdp: offer, remoteSdp: offer })).toBe(offer);
    expect(withDtlsRole('fake 1 audio', { localSdp: sdp('active'), remoteSdp: offer })).toBe('fake 1 audio');
  });
});
