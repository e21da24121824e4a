import fc from "fast-check";

export const bytes = fc.oneof(
  fc.record({ kind: fc.constant("set" as const), at: fc.nat(), value: fc.integer({ min: 0, max: 255 }) }),
  fc.record({ kind: fc.constant("cut" as const), at: fc.nat() }),
  fc.record({ kind: fc.constant("double" as const), at: fc.nat(), length: fc.integer({ min: 1, max: 64 }) }),
  fc.record({ kind: fc.constant("drop" as const), at: fc.nat(), length: fc.integer({ min: 1, max: 64 }) }),
  fc.record({
    kind: fc.constant("number" as const),
    at: fc.nat(),
    value: fc.constantFrom(0n, -1n, 2n ** 31n, 2n ** 62n, -(2n ** 63n)),
  }),
);
export type Mutation = typeof bytes extends fc.Arbitrary<infer T> ? T : never;

/** In place of what is there; counted from the end, where footers are, as often as from the start. */
export function mutate(body: Buffer, mutation: Mutation, fromEnd: boolean): Buffer {
  const length = Math.max(body.length, 1);
  const at = fromEnd ? length - 1 - (mutation.at % Math.min(length, 512)) : mutation.at % length;
  const [before, after] = [body.subarray(0, at), body.subarray(at)];
  switch (mutation.kind) {
    case "set":
      return Buffer.concat([before, Buffer.of(mutation.value), after.subarray(1)]);
    case "cut":
      return before;
    case "double":
      return Buffer.concat([before, after.subarray(0, mutation.length), after]);
    case "drop":
      return Buffer.concat([before, after.subarray(mutation.length)]);
    case "number": {
      const number = Buffer.alloc(8);
      number.writeBigInt64LE(BigInt.asIntN(64, mutation.value));
      return Buffer.concat([before, number, after.subarray(8)]);
    }
  }
}
