import { type LogicalType, isDecimal } from "../../schema/index.ts";
import { type Bound, truncateLower, truncateUpper } from "../statistics.ts";

const stringLength = 16;

/** Iceberg spec, "Appendix D: Single-value serialization", binary; `undefined` when there is no such bound. */
export function boundToIceberg(
  type: LogicalType,
  bound: Bound | undefined,
  side: "lower" | "upper",
): Uint8Array | undefined {
  if (bound === undefined) return undefined;
  if (isDecimal(type)) return bigEndian(bound as bigint);
  switch (type) {
    case "byte":
    case "short":
    case "integer":
    case "date":
      return written(4, (view) => view.setInt32(0, Number(bound), true));
    case "long":
    case "timestamp":
    case "timestamp_ntz":
      return written(8, (view) => view.setBigInt64(0, BigInt.asIntN(64, bound as bigint), true));
    case "float":
      return written(4, (view) => view.setFloat32(0, bound as number, true));
    case "double":
      return written(8, (view) => view.setFloat64(0, bound as number, true));
    case "string": {
      const text =
        side === "lower"
          ? truncateLower(bound as string, stringLength)
          : truncateUpper(bound as string, stringLength);
      return text === undefined ? undefined : new TextEncoder().encode(text);
    }
    default:
      return undefined;
  }
}

function written(length: number, write: (view: DataView) => void): Uint8Array {
  const bytes = new Uint8Array(length);
  write(new DataView(bytes.buffer));
  return bytes;
}

/** Two's complement in the fewest bytes, the highest first. */
function bigEndian(value: bigint): Uint8Array {
  let length = 1;
  while (BigInt.asIntN(length * 8, value) !== value) length++;
  const hex = BigInt.asUintN(length * 8, value)
    .toString(16)
    .padStart(length * 2, "0");
  return Uint8Array.from(Buffer.from(hex, "hex"));
}
