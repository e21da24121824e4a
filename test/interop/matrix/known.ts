import type { Found } from "./cell.ts";

/** A reader's own limit, which the page explains. A failure that no entry is for fails the test; so does an entry without one. */
export interface Known {
  readonly readers: readonly string[];
  /** Start of the operations' names; absent: all. */
  readonly operations?: readonly string[];
  /** Columns that come wrong; absent: the reader refuses the table. */
  readonly types?: readonly string[];
  readonly why: string;
}

const byVectors = [
  "delete by deletion vector",
  "delete twice by deletion vector",
  "update by deletion vector",
  "merge by deletion vector",
  "Spark: DELETE by deletion vector",
  "Spark: UPDATE by deletion vector",
];

const sparkWritesAgain = ["Spark: DELETE", "Spark: UPDATE", "Spark: MERGE", "Spark: OPTIMIZE"];

export const known: readonly Known[] = [
  {
    readers: ["pyiceberg"],
    types: ["lst", "mst"],
    why: "0.12 makes a null list of structs, and a null map of structs, an empty one.",
  },
  {
    readers: ["delta_rs", "pandas"],
    operations: [...byVectors, "switch deletion vectors off"],
    why: "delta-rs (as Arrow; its SQL reads them) refuses a table whose protocol names deletion vectors. Switching them off writes the files anew, and the protocol names them until the feature is taken away.",
  },
  {
    readers: ["polars_iceberg"],
    operations: byVectors,
    why: "with rows deleted by position, Polars 2.1 brings its process down on a map that is null (`Map array keys array should have no nulls`).",
  },
  {
    readers: ["delta_rs", "pandas", "duckdb_delta", "polars_delta"],
    operations: ["shallow clone"],
    why: "they take an absolute address in the Delta log for a path in the table's folder. Spark reads it; the Iceberg side of a clone is read by all.",
  },
  {
    readers: ["delta_rs", "pandas"],
    operations: sparkWritesAgain,
    why: "Spark writes timestamps as INT96; delta-rs takes those by way of nanoseconds, which end in 1677 and 2262, and refuses others.",
  },
  {
    readers: ["polars_delta", "pyiceberg", "polars_iceberg"],
    operations: sparkWritesAgain,
    types: ["ts"],
    why: "they take INT96 by way of nanoseconds, too, and give **another instant** for a timestamp before 1677 or after 2262 that Spark wrote.",
  },
  {
    readers: ["polars_delta"],
    operations: ["Spark: INSERT into partitions"],
    why: "it takes the folders `column=value` that Spark makes for columns, and cannot put them together with ours, which are flat.",
  },
];

/** Whether all that is wrong in a cell is known. */
export function isKnown(operation: string, reader: string, cell: Found): boolean {
  const apply = known.filter((one) => applies(one, operation, reader));
  if (cell.kind === "refused") return apply.some(({ types }) => types === undefined);
  return cell.wrong.every((name) => apply.some(({ types }) => types?.includes(name)));
}

/** Whether a cell shows what an entry says. */
export function shows(one: Known, operation: string, reader: string, cell: Found): boolean {
  if (!applies(one, operation, reader)) return false;
  if (cell.kind === "refused") return one.types === undefined;
  return one.types?.some((name) => cell.wrong.includes(name)) === true;
}

function applies(one: Known, operation: string, reader: string): boolean {
  return (
    one.readers.includes(reader) &&
    (one.operations === undefined || one.operations.some((start) => operation.startsWith(start)))
  );
}
