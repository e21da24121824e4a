/** The same numbers in a longer array, with 0 behind them. */
export function grown<T extends Uint8Array | Int32Array | Float32Array | Float64Array>(
  array: T,
  length: number,
): T {
  const longer = new (array.constructor as new (length: number) => T)(length);
  longer.set(array as never);
  return longer;
}
