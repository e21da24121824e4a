/** ZeroMQ's Z85 (RFC 32/Z85): four bytes as five printable characters. Delta writes UUIDs and inline vectors in it. */
const alphabet = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
const digits = new Map([...alphabet].map((character, digit) => [character, digit]));

/** The bytes of a text; `undefined` when it is no Z85. */
export function fromZ85(text: string): Uint8Array | undefined {
  if (text.length % 5 !== 0) return undefined;
  const bytes = new Uint8Array((text.length / 5) * 4);
  const view = new DataView(bytes.buffer);
  for (let group = 0; group < text.length / 5; group++) {
    let value = 0;
    for (let i = 0; i < 5; i++) {
      const digit = digits.get(text[group * 5 + i]!);
      if (digit === undefined) return undefined;
      value = value * 85 + digit;
    }
    if (value > 0xffff_ffff) return undefined;
    view.setUint32(group * 4, value);
  }
  return bytes;
}

/** `bytes` has a length that four divides. */
export function toZ85(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let text = "";
  for (let at = 0; at < bytes.length; at += 4) {
    const value = view.getUint32(at);
    for (let power = 85 ** 4; power >= 1; power /= 85) text += alphabet[Math.floor(value / power) % 85]!;
  }
  return text;
}
