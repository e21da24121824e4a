/**
 * Orders keys by their UTF-8 bytes, as object stores do. JavaScript's own order is that of UTF-16 units, which
 * puts characters beyond U+FFFF (written as surrogates, U+D800…U+DFFF) before U+E000…U+FFFF.
 */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left === right) continue;
    const leftBeyond = (left & 0xf800) === 0xd800;
    const rightBeyond = (right & 0xf800) === 0xd800;
    if (leftBeyond !== rightBeyond) return leftBeyond ? 1 : -1;
    return left - right;
  }
  return a.length - b.length;
}
