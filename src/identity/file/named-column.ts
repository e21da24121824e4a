import { OneCopyError } from "../../base/index.ts";
import type { ReadFile } from "./read.ts";

/** A column of one file; `ofOneFile` where the file was named with it. */
export interface NamedColumn {
  readonly file: ReadFile;
  readonly column: string;
  readonly ofOneFile: boolean;
}

/**
 * The columns that a text names: `COLUMN` is the one of that name in every file that has it, `STEM<separator>COLUMN` the one
 * of the file with that stem. `what`: the column's part, for errors.
 * Fails with `identity.unknown_column`, which lists the columns, and `identity.unknown_file`, which lists the stems.
 */
export function namedColumns(
  files: readonly ReadFile[],
  text: string,
  separator: "=" | ".",
  what: string,
): readonly NamedColumn[] {
  const prefixed = files
    .filter(({ source }) => text.startsWith(source + separator))
    .sort((a, b) => b.source.length - a.source.length)
    .map((file) => ({ file, column: text.slice(file.source.length + 1), ofOneFile: true }));
  const exact = prefixed.find(({ file, column }) => file.columns.includes(column));
  if (exact !== undefined) return [exact];
  const everywhere = files.filter(({ columns }) => columns.includes(text));
  if (everywhere.length > 0) return everywhere.map((file) => ({ file, column: text, ofOneFile: false }));
  const [meant] = prefixed;
  if (meant !== undefined) throw unknownColumn([meant.file], meant.column, what);
  const at = text.indexOf(separator);
  if (at > 0 && (separator === "=" || files.length > 1))
    throw new OneCopyError(
      "identity.unknown_file",
      `No file has the stem ${text.slice(0, at)}, as ${text} would have it for the ${what} column; the stems are ${listed(files.map(({ source }) => source))}.`,
      {
        remedy: `Write STEM${separator}COLUMN with one of these stems, or a column's name alone for all files.`,
      },
    );
  throw unknownColumn(files, text, what);
}

/**
 * One column for each file, as `texts` name them; a column that was named for one file counts before one that was named for all.
 * Fails as {@link namedColumns} does, and with `identity.two_columns`.
 */
export function columnOfEachFile(
  files: readonly ReadFile[],
  texts: readonly string[],
  what: string,
): ReadonlyMap<ReadFile, string> {
  const found = texts.flatMap((text) => namedColumns(files, text, "=", what));
  const chosen = new Map<ReadFile, string>();
  for (const ofOneFile of [false, true]) {
    const now = new Map<ReadFile, string>();
    for (const { file, column } of found.filter((one) => one.ofOneFile === ofOneFile)) {
      const other = now.get(file);
      if (other !== undefined && other !== column)
        throw new OneCopyError(
          "identity.two_columns",
          `Both ${other} and ${column} are named as the ${what} column of ${file.source}.`,
          { remedy: `Name one for each file: ${file.source}=${column}.` },
        );
      now.set(file, column);
    }
    for (const [file, column] of now) chosen.set(file, column);
  }
  return chosen;
}

function unknownColumn(files: readonly ReadFile[], name: string, what: string): OneCopyError {
  const has =
    files.length === 1
      ? `the columns are ${listed(files[0]!.columns)}`
      : files.map(({ source, columns }) => `${source} has ${listed(columns)}`).join("; ");
  const where =
    files.length === 1 ? `There is no ${what} column ${name}` : `No file has a ${what} column ${name}`;
  return new OneCopyError("identity.unknown_column", `${where}; ${has}.`, {
    remedy: "Name a column as the file spells it.",
  });
}

const SHOWN_NAMES = 40;

/** Names for an error; the first ones of very many. */
export function listed(names: readonly string[]): string {
  const more = names.length - SHOWN_NAMES;
  return names.slice(0, SHOWN_NAMES).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
