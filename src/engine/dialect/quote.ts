import { OneCopyError } from "../../base/index.ts";

/** A name as an SQL identifier. */
export function ident(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A value as an SQL literal. */
export function literal(value: string | number | bigint | boolean | null): string {
  if (value === null) return "NULL";
  if (typeof value === "string") {
    if (value.includes("\0"))
      throw new OneCopyError("engine.nul_in_text", "A text with a NUL character cannot be used in a query.");
    return `'${value.replaceAll("'", "''")}'`;
  }
  if (typeof value === "number" && !Number.isFinite(value)) return `CAST('${value}' AS DOUBLE)`;
  return String(value);
}

/** A list of texts as an SQL list. */
export function textList(values: readonly string[]): string {
  return `[${values.map(literal).join(", ")}]`;
}
