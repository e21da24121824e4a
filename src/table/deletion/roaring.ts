/* RoaringFormatSpec, the portable format of a 32-bit bitmap. The library that reads it trusts what it is given. */

const cookieWithRuns = 12_347;
const cookieWithoutRuns = 12_346;
const offsetsFrom = 4; // containers from which on a bitmap with runs has an offset header, too
const arrayAtMost = 4096;
const bitsetBytes = 8192;

/**
 * Where the bitmap that starts at `start` ends, after every container was checked: sorted, and as large as the
 * header says. `undefined`: it is damaged.
 */
export function endOfBitmap(bytes: DataView, start: number): number | undefined {
  try {
    return walk(bytes, start);
  } catch (error) {
    if (error instanceof RangeError) return undefined; // beyond the end of the bytes
    throw error;
  }
}

function walk(bytes: DataView, start: number): number | undefined {
  const cookie = bytes.getUint32(start, true);
  const withRuns = (cookie & 0xffff) === cookieWithRuns;
  if (!withRuns && cookie !== cookieWithoutRuns) return undefined;
  const count = withRuns ? (cookie >>> 16) + 1 : bytes.getUint32(start + 4, true);
  if (count > 65_536) return undefined;
  const runFlags = start + 4;
  const header = withRuns ? runFlags + Math.ceil(count / 8) : start + 8;
  let at = header + count * 4 + (!withRuns || count >= offsetsFrom ? count * 4 : 0);
  let lastKey = -1;
  for (let i = 0; i < count; i++) {
    const key = bytes.getUint16(header + i * 4, true);
    if (key <= lastKey) return undefined;
    lastKey = key;
    const cardinality = bytes.getUint16(header + i * 4 + 2, true) + 1;
    const isRun = withRuns && (bytes.getUint8(runFlags + (i >> 3)) & (1 << (i & 7))) !== 0;
    const end = isRun ? endOfRuns(bytes, at, cardinality) : endOfValues(bytes, at, cardinality);
    if (end === undefined) return undefined;
    at = end;
  }
  return at > bytes.byteLength ? undefined : at;
}

function endOfRuns(bytes: DataView, at: number, cardinality: number): number | undefined {
  const runs = bytes.getUint16(at, true);
  let [next, values] = [0, 0];
  for (let run = 0; run < runs; run++) {
    const first = bytes.getUint16(at + 2 + run * 4, true);
    const length = bytes.getUint16(at + 4 + run * 4, true) + 1;
    if (first < next || first + length > 65_536) return undefined;
    next = first + length;
    values += length;
  }
  return values === cardinality ? at + 2 + runs * 4 : undefined;
}

function endOfValues(bytes: DataView, at: number, cardinality: number): number | undefined {
  if (cardinality > arrayAtMost) {
    let bits = 0;
    for (let i = 0; i < bitsetBytes; i += 4) bits += bitsIn(bytes.getUint32(at + i, true));
    return bits === cardinality ? at + bitsetBytes : undefined;
  }
  let last = -1;
  for (let i = 0; i < cardinality; i++) {
    const value = bytes.getUint16(at + i * 2, true);
    if (value <= last) return undefined;
    last = value;
  }
  return at + cardinality * 2;
}

function bitsIn(word: number): number {
  const pairs = word - ((word >>> 1) & 0x5555_5555);
  const nibbles = (pairs & 0x3333_3333) + ((pairs >>> 2) & 0x3333_3333);
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
}
