/** log2 of (chance that two values agree) / (share of a value), by number of the value; 0 for none. */
export function rarities(column: Int32Array, size: number): Float64Array {
  const counts = new Float64Array(size + 1);
  let total = 0;
  for (const value of column) {
    if (value === 0) continue;
    counts[value]!++;
    total++;
  }
  let agreeing = 0;
  for (const count of counts) agreeing += count * count;
  return counts.map((count) => (count === 0 ? 0 : Math.log2(agreeing / (total * count))));
}
