/** JSON of somebody else, bounded: as a text, and in how deep it is nested, which outside of strings is told by its brackets. */
export function parseBounded(text: string, limits = { length: 16 * 2 ** 20, depth: 100 }): unknown {
  if (text.length > limits.length)
    throw new RangeError(`JSON of ${text.length} characters; up to ${limits.length} are read`);
  // Too short to be nested so deep that it would do harm.
  if (text.length > 2 ** 12) checkDepth(text, limits.depth);
  return JSON.parse(text);
}

function checkDepth(text: string, limit: number): void {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (char === 0x22) i = endOfString(text, i);
    else if (char === 0x5b || char === 0x7b) {
      if (++depth > limit) throw new RangeError(`JSON nested deeper than ${limit}`);
    } else if (char === 0x5d || char === 0x7d) depth--;
  }
}

/** Where the string that begins at `from` ends. */
function endOfString(text: string, from: number): number {
  for (let end = text.indexOf('"', from + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === 0x5c) slashes++;
    if (slashes % 2 === 0) return end;
  }
  return text.length;
}
