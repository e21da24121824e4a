import { OneCopyError, messageOf, stringifyLossless } from "../base/index.ts";
import type { Value } from "../engine/index.ts";

/** 0 all well, 1 an error, 2 the command or the configuration is wrong, 3 done in part: a branch of the run failed, 4 it stopped and asks. */
export const EXIT = { ok: 0, error: 1, usage: 2, partial: 3, asks: 4 } as const;

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** A count for people: `1 record`, `1,200 records`. */
export function counted(count: number, one: string, several = `${one}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : several}`;
}

/** One JSON document; bigints as numbers with all their digits. */
export function printJson(value: unknown): void {
  print(stringifyLossless(value, 2));
}

/** Writes the error for people, or as JSON, to standard error, and gives the exit code. */
export function printError(error: unknown, asJson: boolean): number {
  const code = error instanceof OneCopyError ? error.code : "internal";
  const remedy = error instanceof OneCopyError ? error.remedy : undefined;
  if (asJson) process.stderr.write(`${stringifyLossless({ code, message: messageOf(error), remedy })}\n`);
  else {
    process.stderr.write(`error: ${messageOf(error)}\n`);
    if (remedy !== undefined) process.stderr.write(`${remedy}\n`);
    if (
      !(error instanceof OneCopyError) &&
      error instanceof Error &&
      process.env["ONECOPY_DEBUG"] !== undefined
    ) {
      process.stderr.write(`${error.stack ?? ""}\n`);
    }
  }
  return code.startsWith("project.") || code.startsWith("cli.") ? EXIT.usage : EXIT.error;
}

/** Rows as an aligned text table; numbers to the right. */
export function textTable(columns: readonly string[], rows: readonly (readonly Value[])[]): string {
  const cells = rows.map((row) => row.map(cellText));
  const widths = columns.map((name, i) => Math.max(width(name), ...cells.map((row) => width(row[i] ?? ""))));
  const numeric = columns.map(
    (_name, i) =>
      rows.some((row) => row[i] !== null) && rows.every((row) => row[i] === null || isNumber(row[i])),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((text, i) => {
        const blanks = " ".repeat((widths[i] ?? 0) - width(text));
        return numeric[i] === true ? blanks + text : text + blanks;
      })
      .join("  ")
      .trimEnd();
  return [line(columns), widths.map((w) => "─".repeat(w)).join("  "), ...cells.map(line)].join("\n");
}

const LONGEST_CELL = 60;

function cellText(value: Value): string {
  if (value === null) return "";
  const text = typeof value === "object" ? stringifyLossless(value) : String(value);
  const printable = text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, "·");
  return printable.length > LONGEST_CELL ? `${printable.slice(0, LONGEST_CELL - 1)}…` : printable;
}

function isNumber(value: Value | undefined): boolean {
  return (
    typeof value === "number" ||
    typeof value === "bigint" ||
    (typeof value === "string" && /^-?\d+\.\d+$/.test(value))
  );
}

function width(text: string): number {
  return [...text].length;
}
