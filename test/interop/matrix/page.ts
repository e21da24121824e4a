import type { Found } from "./cell.ts";
import type { Known } from "./known.ts";

/** One operation, and what each reader found afterwards. */
export interface Row {
  readonly name: string;
  /** Column → type, as the page calls it. */
  readonly types: Readonly<Record<string, string>>;
  readonly found: Readonly<Record<string, Found>>;
}

const titles: Readonly<Record<string, string>> = {
  onecopy: "OneCopy",
  delta_rs: "delta-rs",
  pandas: "pandas",
  duckdb_delta: "DuckDB delta",
  polars_delta: "Polars delta",
  spark_delta: "Spark delta",
  pyiceberg: "PyIceberg",
  duckdb_iceberg: "DuckDB iceberg",
  polars_iceberg: "Polars iceberg",
  spark_iceberg: "Spark iceberg",
};
const readers = Object.keys(titles);

/** docs/interop.md. */
export function interopPage(rows: readonly Row[], known: readonly Known[]): string {
  return `# Who reads what

Made by \`npm run test:interop -- --write\` from what the readers really returned; the test fails when this page is out of
date. Readers: delta-rs 1.6.6 (\`to_pyarrow_table\`), pandas 2.3.3 (by delta-rs, Arrow's types), DuckDB 1.5.5 with its delta and iceberg extensions, Polars 2.1.0,
PyIceberg 0.12.0 (\`to_arrow\`; \`to_arrow_batch_reader\` where files of delta-rs keep it from that), Spark 4.1 with Delta 4.4.0 and Iceberg 1.11.0; local file system.

✓ every value of every column is right. ✗ the reader refuses. ✗✗ it returns wrong values; the columns are in brackets.

## By operation

One table with a column of each type below, four rows in two files, then the operation, then (after other engines) healing.

${table(
  "operation",
  rows.map((row) => rowLine(row)),
)}

## By type

The worst of all operations that the reader does not refuse altogether.

${table(
  "type",
  typesOf(rows).map(([column, type]) =>
    line([type, ...readers.map((reader) => typeCell(rows, column, reader))]),
  ),
)}

## Why

${known.map(({ readers: whom, why }) => `- ${whom.map((name) => titles[name]).join(", ")}: ${why}`).join("\n") || "Nothing fails."}
`;
}

/** What the page says of one operation. */
export function rowLine({ name, found }: Row): string {
  return line([name, ...readers.map((reader) => cell(found[reader]!))]);
}

const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

function table(first: string, rows: readonly string[]): string {
  return [
    line([first, ...readers.map((reader) => titles[reader]!)]),
    line(["---", ...readers.map(() => "---")]),
    ...rows,
  ].join("\n");
}

function cell(found: Found): string {
  if (found.kind === "refused") return "✗";
  return found.wrong.length === 0 ? "✓" : `✗✗ (${found.wrong.join(", ")})`;
}

function typesOf(rows: readonly Row[]): [string, string][] {
  return [...new Map(rows.flatMap(({ types }) => Object.entries(types)))];
}

function typeCell(rows: readonly Row[], column: string, reader: string): string {
  const cells = rows.filter(({ types }) => column in types).map(({ found }) => found[reader]!);
  const read = cells.filter((one) => one.kind === "read");
  if (read.length === 0) return "✗";
  return read.some(({ wrong }) => wrong.includes(column)) ? "✗✗" : "✓";
}
