import { type Field, type LogicalType, isDecimal, isNested, isPrimitive } from "./type.ts";

/** Whether two types hold the same values: their fields have the same names (also in data files) in the same order; ids and comments do not count. */
export function sameType(a: LogicalType, b: LogicalType): boolean {
  if (isPrimitive(a) || isPrimitive(b)) return a === b;
  if (isDecimal(a) || isDecimal(b))
    return isDecimal(a) && isDecimal(b) && a.precision === b.precision && a.scale === b.scale;
  if (a.kind === "list")
    return b.kind === "list" && a.elementNullable === b.elementNullable && sameType(a.element, b.element);
  if (a.kind === "map")
    return (
      b.kind === "map" &&
      a.valueNullable === b.valueNullable &&
      sameType(a.key, b.key) &&
      sameType(a.value, b.value)
    );
  return (
    b.kind === "struct" &&
    a.fields.length === b.fields.length &&
    a.fields.every((field, i) => sameField(field, b.fields[i]!))
  );
}

function sameField(a: Field, b: Field): boolean {
  return (
    a.name === b.name &&
    a.physicalName === b.physicalName &&
    a.nullable === b.nullable &&
    sameType(a.type, b.type)
  );
}

const integers: readonly LogicalType[] = ["byte", "short", "integer", "long"];

/**
 * Whether files with values of `from` may be read as `to` (Iceberg spec v2, "Schema Evolution"): the same type, a longer
 * integer, double for float, a decimal with more digits before the point. Nested types: the same for each part;
 * fields of structs may come and go.
 */
export function isPromotion(from: LogicalType, to: LogicalType): boolean {
  if (isDecimal(from) && isDecimal(to)) return from.scale === to.scale && from.precision <= to.precision;
  if (isNested(from) && isNested(to)) {
    if (from.kind === "list") return to.kind === "list" && isPromotion(from.element, to.element);
    if (from.kind === "map")
      return to.kind === "map" && isPromotion(from.key, to.key) && isPromotion(from.value, to.value);
    if (to.kind !== "struct") return false;
    const known = new Map(from.fields.map((field) => [field.name.toLowerCase(), field]));
    return to.fields.every((field) => {
      const before = known.get(field.name.toLowerCase());
      return before === undefined || isPromotion(before.type, field.type);
    });
  }
  if (from === to || (from === "float" && to === "double")) return true;
  const [shorter, longer] = [integers.indexOf(from), integers.indexOf(to)];
  return shorter >= 0 && longer >= shorter;
}
