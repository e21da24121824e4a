/** Positions of `keys` (all of them, or `positions`) by key; equal ones stay in their order. */
export function sortedByKey(keys: Int32Array, positions?: Int32Array): Int32Array {
  let from: Int32Array = positions ?? Int32Array.from({ length: keys.length }, (_, i) => i);
  let to: Int32Array = new Int32Array(from.length);
  const counts = new Int32Array(1 << 11);
  for (const shift of [0, 11, 22]) {
    counts.fill(0);
    for (let i = 0; i < from.length; i++) counts[(keys[from[i]!]! >>> shift) & 2047]!++;
    let sum = 0;
    for (let digit = 0; digit < counts.length; digit++) [counts[digit], sum] = [sum, sum + counts[digit]!];
    for (let i = 0; i < from.length; i++) to[counts[(keys[from[i]!]! >>> shift) & 2047]!++] = from[i]!;
    [from, to] = [to, from];
  }
  return from;
}

/** Calls back with each range of `sorted`, positions by key, that has one key; those of key 0 are left out. */
export function eachGroup(
  sorted: Int32Array,
  keys: Int32Array,
  group: (from: number, to: number, key: number) => void,
): void {
  for (let from = 0; from < sorted.length;) {
    const key = keys[sorted[from]!]!;
    let to = from + 1;
    while (to < sorted.length && keys[sorted[to]!] === key) to++;
    if (key !== 0) group(from, to, key);
    from = to;
  }
}
