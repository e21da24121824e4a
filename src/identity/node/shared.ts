type Numbers = Uint8Array | Int32Array | Float32Array | Float64Array;

/** Numbers that threads have in common, all 0 yet. */
export function sharedInts(length: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(4 * length));
}

/** The same, of the kind of an array. */
export function sharedOf<T extends Numbers>(kind: T, length: number): T {
  const buffer = new SharedArrayBuffer(length * kind.BYTES_PER_ELEMENT);
  return new (kind.constructor as new (buffer: SharedArrayBuffer) => T)(buffer);
}

/** A copy that threads have in common, of an array's first `length` numbers. */
export function shared<T extends Numbers>(array: T, length = array.length): T {
  const copy = sharedOf(array, length);
  copy.set(array.subarray(0, length) as never);
  return copy;
}
