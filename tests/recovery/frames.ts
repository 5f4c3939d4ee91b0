/** What the devices of these tests say: payloads that can be told apart wherever they turn up again. */

const sdp = (label: string) => `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=${label}\r\n`;

/** An offer's description. @param label stands in its session name */
export const offerOf = (label: string) => ({ type: 'offer', sdp: sdp(label) });

/** An offer's description of a size. @param chars of its SDP */
export const offerOfSize = (label: string, chars: number) => ({
  type: 'offer',
  sdp: sdp(label).padEnd(chars, 'a=padding\r\n'),
});

/** An answer's description. @param label stands in its session name */
export const answerOf = (label: string) => ({ type: 'answer', sdp: sdp(label) });

/** A candidate. @param n its number, in the place of the foundation */
export const candidateOf = (n: number) => ({
  candidate: `candidate:${n} 1 udp 2122260223 192.0.2.1 50000 typ host`,
  sdpMid: '0',
  sdpMLineIndex: 0,
});
