import { OneCopyError } from "../../base/index.ts";
import { ident, type Session } from "../../engine/index.ts";
import type { ReadFile } from "./read.ts";

/**
 * The column of a file that names its rows. A `named` one is checked (`identity.null_id`, `identity.duplicate_id`, each with the
 * row); otherwise the first of `candidates` with a name like an id's whose values are all there and all different;
 * undefined when there is none, and rows go by their numbers.
 */
export async function findIdColumn(
  session: Session,
  file: ReadFile,
  candidates: readonly string[],
  named: string | undefined,
): Promise<string | undefined> {
  if (named !== undefined) {
    await requireUnique(session, file, named);
    return named;
  }
  const likely = candidates
    .map((column) => ({ column, rank: likeness(column) }))
    .filter(({ rank }) => rank > 0)
    .sort((left, right) => right.rank - left.rank);
  for (const { column } of likely) if (await isUnique(session, file, column)) return column;
  return undefined;
}

/** Ranks among columns that are unique; 0 for a name that says nothing of an id. */
function likeness(column: string): number {
  const words = column
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "");
  if (words.length === 1 && words[0] === "id") return 4;
  if (words.includes("id") && !words.some((word) => belongsToPerson.has(word)))
    return words.some((word) => ofRow.has(word)) ? 3.5 : 3;
  if (
    words.some((word) =>
      ["uuid", "guid", "rowid", "recid", "key", "pk", "index", "nr", "no", "number"].includes(word),
    )
  )
    return words.some((word) => belongsToPerson.has(word)) ? 0 : 2;
  return words.join("").endsWith("id") ? 1 : 0;
}

const ofRow: ReadonlySet<string> = new Set(["rec", "record", "row", "unique", "source"]);

/** Numbers that are evidence of a person, and no names of rows. */
const belongsToPerson: ReadonlySet<string> = new Set([
  "phone", "tel", "telephone", "mobile", "house", "street", "social", "soc", "sec", "ssn", "tax", "passport", "national", "email", "mail", "fax",
]); // prettier-ignore

async function isUnique(session: Session, { table }: ReadFile, column: string): Promise<boolean> {
  const [row] = await session.rows<{ rows: number; ids: number }>(
    `SELECT count(*) AS rows, count(DISTINCT ${ident(column)}) AS ids FROM ${table}`,
  );
  return row!.rows === row!.ids;
}

async function requireUnique(session: Session, { source, table }: ReadFile, column: string): Promise<void> {
  const id = ident(column);
  const [missing] = await session.rows<{ row: number; n: number }>(
    `SELECT min(_row) AS row, count(*) AS n FROM ${table} WHERE ${id} IS NULL HAVING count(*) > 0`,
  );
  if (missing !== undefined)
    throw new OneCopyError(
      "identity.null_id",
      `${missing.n} rows have no value in the id column ${column} of ${source}, the first in row ${missing.row}.`,
      {
        remedy: `Fill the ids in, or name another column with --id ${source}=COLUMN; without --id one is found, or rows go by their numbers.`,
      },
    );
  const [twice] = await session.rows<{ id: string; first: number; second: number; n: number }>(`
    SELECT ${id} AS id, min(_row) AS first, list_sort(list(_row))[2] AS second, count(*) AS n
    FROM ${table} GROUP BY 1 HAVING count(*) > 1 ORDER BY first LIMIT 1`);
  if (twice !== undefined)
    throw new OneCopyError(
      "identity.duplicate_id",
      `The id ${twice.id} in column ${column} of ${source} stands in ${twice.n} rows, first in rows ${twice.first} and ${twice.second}.`,
      {
        remedy: `Name a column whose values are all different with --id ${source}=COLUMN, or take one of the rows out.`,
      },
    );
}
