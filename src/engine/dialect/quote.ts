import { OneCopyError } from "../../base/index.ts";

/** A name as an SQL identifier. */
export function ident(name: string): string {
  refuseNul(name);
  return `"${name.replaceAll('"', '""')}"`;
}

/** A value as an SQL literal. */
export function literal(value: string | number | bigint | boolean | null): string {
  if (value === null) return "NULL";
  if (typeof value === "string") {
    refuseNul(value);
    return `'${value.replaceAll("'", "''")}'`;
  }
  if (typeof value === "number" && (!Number.isFinite(value) || Object.is(value, -0)))
    return `CAST('${Object.is(value, -0) ? "-0" : value}' AS DOUBLE)`;
  // Bare, a negative number after a minus sign would begin a comment.
  return typeof value !== "boolean" && value < 0 ? `(${numeral(value)})` : numeral(value);
}

/**
 * Of more than 15 digits a fraction gets an exponent: the engine takes it for a decimal otherwise, and a double that is made
 * from that is the next one now and then.
 */
function numeral(value: number | bigint | boolean): string {
  const text = String(value);
  return /^-?[\d.]{17,}$/.test(text) && text.includes(".") ? `${text}e0` : text;
}

/**
 * A number for engines that do not read it as the embedded one does: of the type in which that one compares it with a
 * column of `columnType`. `float`: what the engine calls the type of 32 bits.
 */
export function castNumber(value: number, columnType: string, float: string): string {
  const text = literal(value);
  const written = Object.is(value, -0) ? "-0.0" : String(value);
  const isDouble = /e|CAST/.test(text);
  if (columnType === "FLOAT") return `CAST('${written}' AS ${float})`;
  if (isDouble || columnType === "DOUBLE") return `CAST('${written}' AS DOUBLE)`;
  const [digits = "", fraction = ""] = written.replace("-", "").split(".");
  if (fraction === "") return text;
  return `CAST('${written}' AS DECIMAL(${digits.length + fraction.length}, ${fraction.length}))`;
}

/** A list of texts as an SQL list. */
export function textList(values: readonly string[]): string {
  return `[${values.map(literal).join(", ")}]`;
}

function refuseNul(text: string): void {
  if (text.includes("\0"))
    throw new OneCopyError("engine.nul_in_text", "A text with a NUL character cannot be used in a query.");
}
