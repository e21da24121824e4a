import { type LogicalType, isDecimal } from "../type.ts";

/** The decimal digits that hold every value of an integer type. */
const digits: Readonly<Record<string, number>> = { byte: 3, short: 5, integer: 10, long: 19 };
const integers = Object.keys(digits);

/**
 * Whether `to` holds every value of `from`, and whether both formats take it for the same field. `promotion`:
 * Iceberg spec v2, "Schema Evolution" (8- and 16-bit integers are its int), keeps the field's id. `conversion`: Iceberg
 * has no such promotion, so the values go on in a field with a fresh id, in files that are written again.
 */
export function widening(from: LogicalType, to: LogicalType): "promotion" | "conversion" | undefined {
  if (isDecimal(to)) {
    if (isDecimal(from)) {
      if (from.scale === to.scale && from.precision < to.precision) return "promotion";
      const grows = to.scale > from.scale && to.precision - to.scale >= from.precision - from.scale;
      return grows ? "conversion" : undefined;
    }
    const needed = digits[from as string];
    return needed !== undefined && to.precision - to.scale >= needed ? "conversion" : undefined;
  }
  if (typeof from !== "string" || typeof to !== "string") return undefined;
  if (from === "float" && to === "double") return "promotion";
  const [lower, upper] = [integers.indexOf(from), integers.indexOf(to)];
  if (lower >= 0 && upper > lower) return "promotion";
  // A double holds 53 bits exactly, a float 24.
  if (to === "double" && lower >= 0 && from !== "long") return "conversion";
  return to === "float" && (from === "byte" || from === "short") ? "conversion" : undefined;
}
