/** Texts that stand for bytes, so that an input can hold what is no UTF-8 and still be kept as JSON. */

/** A lone low surrogate U+DC80–U+DCFF is the raw byte 80–FF; everything else is its UTF-8. */
const RAW = /[\udc80-\udcff]/;

/** The bytes that a text stands for. */
export function bytesOf(text: string): Buffer<ArrayBuffer> {
  if (!RAW.test(text)) return Buffer.from(text, 'utf8');
  const parts: Buffer[] = [];
  let from = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    const isPair = code >= 0xd800 && code <= 0xdbff && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00;
    if (isPair) at += 1;
    else if (code >= 0xdc80 && code <= 0xdcff) {
      parts.push(Buffer.from(text.slice(from, at), 'utf8'), Buffer.from([code & 0xff]));
      from = at + 1;
    }
  }
  return Buffer.concat([...parts, Buffer.from(text.slice(from), 'utf8')]);
}
