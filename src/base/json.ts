import { LosslessNumber, isSafeNumber, parse, stringify } from "lossless-json";

/** A number of JSON that a double would round: its digits, as written. */
export class JsonNumber extends LosslessNumber {}

/** Parses JSON without rounding: numbers that a double holds exactly become numbers, all others {@link JsonNumber}. */
export function parseLossless(text: string): unknown {
  return parse(text, undefined, (digits) => (isSafeNumber(digits) ? Number(digits) : new JsonNumber(digits)));
}

/** Writes JSON with bigints and {@link JsonNumber} as bare numbers with all their digits, bytes as base64. */
export function stringifyLossless(value: unknown, indent?: number): string {
  const replacer = (_key: string, inner: unknown): unknown =>
    inner instanceof Uint8Array ? Buffer.from(inner).toString("base64") : inner;
  return stringify(value, replacer, indent) ?? "null";
}
