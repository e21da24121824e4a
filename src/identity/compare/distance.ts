import type { Dictionary } from "../node/dictionary.ts";

/** Longer texts are compared by so many of their first bytes. */
const mostBytes = 255;
const [matchedLeft, matchedRight] = [new Uint8Array(mostBytes), new Uint8Array(mostBytes)];
const rows = [new Int32Array(mostBytes + 2), new Int32Array(mostBytes + 2), new Int32Array(mostBytes + 2)];

/**
 * Whether one text becomes the other by at most `most` (1 or 2) changes: a byte put in, taken out or replaced, or two neighbours
 * swapped (optimal string alignment, Boytsov 2011 §2.2).
 */
export function withinEdits(dictionary: Dictionary, left: number, right: number, most: number): boolean {
  if (left === right) return true;
  const { bytes } = dictionary;
  let a = dictionary.start(left);
  let b = dictionary.start(right);
  let aEnd = dictionary.end(left);
  let bEnd = dictionary.end(right);
  if (Math.abs(aEnd - a - (bEnd - b)) > most) return false;
  // A change takes away a letter that only one of the two has, or none.
  const [mine, others] = [dictionary.letters(left), dictionary.letters(right)];
  if (bitsIn(mine & ~others) > most || bitsIn(others & ~mine) > most) return false;
  for (; a < aEnd && b < bEnd && bytes[a] === bytes[b]; a++) b++;
  for (; a < aEnd && b < bEnd && bytes[aEnd - 1] === bytes[bEnd - 1]; aEnd--) bEnd--;
  const [n, m] = [aEnd - a, bEnd - b];
  if (n <= 1 && m <= 1) return true;
  if (n === 2 && m === 2 && bytes[a] === bytes[b + 1] && bytes[a + 1] === bytes[b]) return true;
  if (most === 1) return false;
  if (n <= most && m <= most) return true;
  if (n === 0 || m === 0) return false;
  return n <= mostBytes && m <= mostBytes && edits(bytes, a, n, b, m) <= most;
}

/** Of two ranges, whole. */
function edits(bytes: Uint8Array, a: number, n: number, b: number, m: number): number {
  let [before, last, next] = rows as [Int32Array, Int32Array, Int32Array];
  for (let j = 0; j <= m; j++) last[j] = j;
  for (let i = 1; i <= n; i++) {
    next[0] = i;
    const byte = bytes[a + i - 1];
    for (let j = 1; j <= m; j++) {
      const other = bytes[b + j - 1];
      let least = Math.min(last[j - 1]! + (byte === other ? 0 : 1), last[j]! + 1, next[j - 1]! + 1);
      if (i > 1 && j > 1 && byte === bytes[b + j - 2] && bytes[a + i - 2] === other)
        least = Math.min(least, before[j - 2]! + 1);
      next[j] = least;
    }
    [before, last, next] = [last, next, before];
  }
  return last[m]!;
}

/**
 * Jaro–Winkler similarity, 0…1 (Winkler 1990: prefixes of up to four count a tenth each, from 0.7 on); 0 where it is
 * below `least`, which is found sooner.
 */
export function similarity(dictionary: Dictionary, left: number, right: number, least = 0): number {
  if (left === right) return 1;
  if (least > 0 && mostSimilarity(dictionary, left, right) < least) return 0;
  // Its matches depend on which text is looked through first.
  if (dictionary.code(left) > dictionary.code(right)) [left, right] = [right, left];
  const { bytes } = dictionary;
  const [a, b] = [dictionary.start(left), dictionary.start(right)];
  const n = Math.min(mostBytes, dictionary.end(left) - a);
  const m = Math.min(mostBytes, dictionary.end(right) - b);
  const reach = Math.max(0, (Math.max(n, m) >> 1) - 1);
  matchedLeft.fill(0, 0, n);
  matchedRight.fill(0, 0, m);
  let matches = 0;
  for (let i = 0; i < n; i++) {
    const byte = bytes[a + i];
    const last = Math.min(m - 1, i + reach);
    for (let j = Math.max(0, i - reach); j <= last; j++) {
      if (matchedRight[j] !== 0 || bytes[b + j] !== byte) continue;
      matchedLeft[i] = 1;
      matchedRight[j] = 1;
      matches++;
      break;
    }
  }
  if (matches === 0) return 0;
  let swapped = 0;
  for (let i = 0, j = 0; i < n; i++) {
    if (matchedLeft[i] === 0) continue;
    while (matchedRight[j] === 0) j++;
    if (bytes[a + i] !== bytes[b + j++]) swapped++;
  }
  const jaro = (matches / n + matches / m + (matches - (swapped >> 1)) / matches) / 3;
  if (jaro < 0.7) return jaro;
  let prefix = 0;
  while (prefix < 4 && prefix < n && prefix < m && bytes[a + prefix] === bytes[b + prefix]) prefix++;
  return jaro + prefix * 0.1 * (1 - jaro);
}

/** No similarity is above this: a letter that the other text lacks matches nothing. */
function mostSimilarity(dictionary: Dictionary, left: number, right: number): number {
  const { bytes } = dictionary;
  const [a, b] = [dictionary.start(left), dictionary.start(right)];
  const n = Math.min(mostBytes, dictionary.end(left) - a);
  const m = Math.min(mostBytes, dictionary.end(right) - b);
  const [mine, others] = [dictionary.letters(left), dictionary.letters(right)];
  const matches =
    n + m === dictionary.length(left) + dictionary.length(right)
      ? Math.min(n - bitsIn(mine & ~others), m - bitsIn(others & ~mine))
      : Math.min(n, m);
  const jaro = (matches / n + matches / m + 1) / 3;
  let prefix = 0;
  while (prefix < 4 && prefix < n && prefix < m && bytes[a + prefix] === bytes[b + prefix]) prefix++;
  // Rounding must not make it less than what it bounds.
  return jaro + prefix * 0.1 * (1 - jaro) + 1e-9;
}

function bitsIn(mask: number): number {
  let rest = mask - ((mask >>> 1) & 0x55555555);
  rest = (rest & 0x33333333) + ((rest >>> 2) & 0x33333333);
  return Math.imul((rest + (rest >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** Whether one text begins with the other, or ends with it. */
export function isPartOf(dictionary: Dictionary, left: number, right: number): boolean {
  const [short, long] = dictionary.length(left) <= dictionary.length(right) ? [left, right] : [right, left];
  const length = dictionary.length(short);
  const { bytes } = dictionary;
  const [a, b, c] = [dictionary.start(short), dictionary.start(long), dictionary.end(long) - length];
  let [begins, ends] = [true, true];
  for (let i = 0; i < length && (begins || ends); i++) {
    if (bytes[a + i] !== bytes[b + i]) begins = false;
    if (bytes[a + i] !== bytes[c + i]) ends = false;
  }
  return begins || ends;
}
