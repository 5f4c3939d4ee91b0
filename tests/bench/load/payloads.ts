/** What the clients say: payloads of the size that a browser makes. */

/** A video offer of Chromium has 6 to 7 KB. */
const SDP_CHARS = 6_000;
const LINE = 'a=rtpmap:96 VP8/90000\r\na=rtcp-fb:96 goog-remb\r\na=fmtp:97 apt=96;profile-level-id=42e01f\r\n';
const SDP = `v=0\r\no=- 4611731400430051336 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n`.padEnd(SDP_CHARS, LINE);

/** An offer's description. */
export const OFFER = { type: 'offer', sdp: SDP };
/** An answer's description. */
export const ANSWER = { type: 'answer', sdp: SDP };

/** A server-reflexive candidate as Chromium writes it, about 220 characters of JSON. @param n its number */
export const candidate = (n: number) => ({
  candidate: `candidate:${842163000 + n} 1 udp 1677729535 203.0.113.7 ${40_000 + n} typ srflx raddr 192.0.2.1 rport ${50_000 + n} generation 0 ufrag EsAw network-id 1 network-cost 10`,
  sdpMid: '0',
  sdpMLineIndex: 0,
  usernameFragment: 'EsAw',
});
