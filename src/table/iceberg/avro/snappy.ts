/**
 * A raw Snappy block (google/snappy, format_description.txt): the length as a varint, then literals and copies of
 * what came before. Throws plain errors.
 */
export function inflateSnappy(body: Uint8Array, mostBytes: number): Uint8Array {
  let at = 0;
  const byte = (): number => {
    const next = body[at++];
    if (next === undefined) throw new Error("Snappy data ends too early");
    return next;
  };
  const number = (bytes: number): number => {
    let value = 0;
    for (let i = 0; i < bytes; i++) value += byte() * 2 ** (8 * i);
    return value;
  };

  let length = 0;
  for (let shift = 0; ; shift += 7) {
    if (shift > 28) throw new Error("the length of Snappy data is too long");
    const next = byte();
    length += (next & 0x7f) * 2 ** shift;
    if (next < 0x80) break;
  }
  // A copy of 64 bytes takes three: nothing longer can come out.
  if (length > mostBytes || length > body.length * 22) throw new Error(`Snappy data of ${length} bytes`);

  const out = new Uint8Array(length);
  let end = 0;
  const room = (bytes: number): void => {
    if (bytes > length - end) throw new Error("Snappy data is longer than it says");
  };
  while (at < body.length) {
    const tag = byte();
    if ((tag & 3) === 0) {
      const short = tag >> 2;
      const bytes = (short < 60 ? short : number(short - 59)) + 1;
      room(bytes);
      if (bytes > body.length - at) throw new Error("Snappy data ends too early");
      out.set(body.subarray(at, at + bytes), end);
      at += bytes;
      end += bytes;
      continue;
    }
    const near = (tag & 3) === 1;
    const bytes = near ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1;
    const back = near ? (tag >> 5) * 256 + byte() : number((tag & 3) === 2 ? 2 : 4);
    if (back === 0 || back > end) throw new Error("Snappy data copies from before its start");
    room(bytes);
    for (let i = 0; i < bytes; i++, end++) out[end] = out[end - back]!;
  }
  if (end !== length) throw new Error("Snappy data is shorter than it says");
  return out;
}
