import { OneCopyError } from "../base/index.ts";
import type { ByteRange } from "./store.ts";

/** Which bytes of an object of `sizeBytes` a range asks for: `from` inclusive, `to` exclusive, both inside it. */
export function sliceOf(sizeBytes: number, range: ByteRange | undefined): { from: number; to: number } {
  if (range === undefined) return { from: 0, to: sizeBytes };
  const { offset, length } = range;
  if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(length) || offset < 0 || length < 0)
    throw new OneCopyError(
      "storage.bad_range",
      `A byte range needs an offset and a length of 0 or more, found ${offset} and ${length}.`,
    );
  const from = Math.min(offset, sizeBytes);
  return { from, to: Math.min(from + length, sizeBytes) };
}
