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

export const known: readonly Known[] = [
  {
    readers: ["pyiceberg"],
    types: ["lst", "mst"],
    why: "0.12 makes a null list of structs, and a null map of structs, an empty one.",
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
