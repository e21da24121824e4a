type Numbers = Uint8Array | Uint16Array | Int32Array | Float32Array | Float64Array;
/** Of array. */
type Kind<T> = { new (buffer: SharedArrayBuffer): T; readonly BYTES_PER_ELEMENT: number };

/** Numbers that threads have in common, all 0 yet. */
export function sharedOf<T extends Numbers>(kind: Kind<T>, length: number): T {
  return new kind(new SharedArrayBuffer(length * kind.BYTES_PER_ELEMENT));
}

/** A copy that threads have in common, of an array's first `length` numbers. */
export function shared<T extends Numbers>(array: T, length = array.length): T {
  const copy = sharedOf(kindOf(array), length);
  copy.set(array.subarray(0, length) as never);
  return copy;
}

function kindOf<T extends Numbers>(array: T): Kind<T> {
  return array.constructor as unknown as Kind<T>;
}
