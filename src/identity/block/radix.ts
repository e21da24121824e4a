const digitBits = 11;
const digits = 1 << digitBits;

/** Positions by key, and the keys. */
export interface Sorted {
  readonly positions: Int32Array;
  readonly keys: Int32Array;
}

/**
 * Positions of `keys` (all of them, or `positions`) by key; equal ones stay in their order, and those of key 0 are left out. Keys are carried along:
 * to look them up in every pass costs five times as much.
 */
export function sortedByKey(keys: Int32Array, positions?: Int32Array): Sorted {
  const counts = [new Int32Array(digits), new Int32Array(digits), new Int32Array(digits)] as const;
  const most = positions?.length ?? keys.length;
  let [fromKeys, from] = [new Int32Array(most), new Int32Array(most)];
  let size = 0;
  for (let i = 0; i < most; i++) {
    const position = positions === undefined ? i : positions[i]!;
    const key = keys[position]!;
    if (key === 0) continue;
    fromKeys[size] = key;
    from[size++] = position;
    counts[0][key & (digits - 1)]!++;
    counts[1][(key >>> digitBits) & (digits - 1)]!++;
    counts[2][key >>> (2 * digitBits)]!++;
  }
  let [toKeys, to] = [new Int32Array(size), new Int32Array(size)];
  for (const [pass, count] of counts.entries()) {
    const shift = pass * digitBits;
    // One digit for all: they are in order already.
    if (size === 0 || count[(fromKeys[0]! >>> shift) & (digits - 1)] === size) continue;
    let sum = 0;
    for (let digit = 0; digit < digits; digit++) [count[digit], sum] = [sum, sum + count[digit]!];
    for (let i = 0; i < size; i++) {
      const key = fromKeys[i]!;
      const at = count[(key >>> shift) & (digits - 1)]!++;
      toKeys[at] = key;
      to[at] = from[i]!;
    }
    [fromKeys, toKeys] = [toKeys, fromKeys];
    [from, to] = [to, from];
  }
  return { positions: from.subarray(0, size), keys: fromKeys.subarray(0, size) };
}

/** Calls back with each range of positions that has one key. */
export function eachGroup(
  { keys }: Pick<Sorted, "keys">,
  group: (from: number, to: number, key: number) => void,
): void {
  for (let from = 0; from < keys.length;) {
    const key = keys[from]!;
    let to = from + 1;
    while (to < keys.length && keys[to] === key) to++;
    group(from, to, key);
    from = to;
  }
}
