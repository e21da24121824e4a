import { OneCopyError } from "../base/index.ts";
import { ident, type Session } from "../engine/index.ts";
import type { Tag } from "./tag/tag.ts";

/** The id column of a drop's records that have no key of their own: `<file>#<row>`. */
export const fileAndRow = "_record";

interface Records {
  readonly source: string;
  readonly relation: string;
  readonly tags: Readonly<Record<string, Tag>>;
  /** The tags that a person wrote. */
  readonly written: Readonly<Record<string, string>>;
  /** Whether the relation has `_file` and `_row`. */
  readonly isDrop: boolean;
}

export interface RecordId {
  readonly idColumn: string;
  readonly relation: string;
  readonly tags: Readonly<Record<string, Tag>>;
}

/**
 * What tells a source's records apart: the `customer_key`, else the `transaction_key` where it is unique, else a
 * drop's file and row. A key that a person wrote must be there in every row and never twice; a suggested one that
 * turns out not to be is no key. Fails with `source.key_not_unique`, `source.no_key`.
 */
export async function recordId(session: Session, records: Records): Promise<RecordId> {
  const { source, relation, written, isDrop } = records;
  const tags = { ...records.tags };
  const columnOf = (wanted: Tag): string | undefined =>
    Object.entries(tags).find(([, tag]) => tag === wanted)?.[0];
  const key = columnOf("customer_key");
  if (key !== undefined) {
    const problem = await problemOf(session, relation, key, isDrop);
    if (problem === undefined) return { idColumn: key, relation, tags };
    if (written[key] === "customer_key") throw notUnique(source, key, problem, isDrop);
    delete tags[key];
  }
  const order = columnOf("transaction_key");
  if (order !== undefined && (await problemOf(session, relation, order, isDrop)) === undefined)
    return { idColumn: order, relation, tags };
  if (!isDrop)
    throw new OneCopyError(
      "source.no_key",
      `The mounted source ${source} has no column that tells its records apart.`,
      {
        remedy: `Name one that is filled in every row and never has a value twice: sources.${source}.tags: { <column>: customer_key }.`,
      },
    );
  return {
    idColumn: fileAndRow,
    relation: recordsOf(relation, fileAndRow),
    tags,
  };
}

/** The relation with its id column, where that is not one of its own: see {@link fileAndRow}. */
export function recordsOf(relation: string, idColumn: string): string {
  if (idColumn !== fileAndRow) return relation;
  return `(SELECT *, "_file" || '#' || "_row" AS ${ident(fileAndRow)} FROM ${relation})`;
}

function notUnique(source: string, key: string, problem: string, isDrop: boolean): OneCopyError {
  return new OneCopyError(
    "source.key_not_unique",
    `The column ${key} cannot be the customer_key of ${source}: ${problem}.`,
    {
      remedy: isDrop
        ? `If each file is a full export, give every export the same file name, so that it replaces the one before. Else write sources.${source}.tags: { ${key}: "foreign_key:${source}" }: then its rows are records of their own that point to one customer.`
        : `Name a column that is unique, or write "foreign_key:${source}" for this one and customer_key for the row's own key.`,
    },
  );
}

/** Whether a column that told a source's records apart still does. */
export async function isKey(session: Session, relation: string, column: string): Promise<boolean> {
  return column === fileAndRow || (await problemOf(session, relation, column, false)) === undefined;
}

/** Why a column is no key, without a value of it: errors are logged. */
async function problemOf(
  session: Session,
  relation: string,
  column: string,
  isDrop: boolean,
): Promise<string | undefined> {
  const id = ident(column);
  const [counts] = await session.rows<{ n: number; filled: number }>(
    `SELECT count(*) AS n, count(nullif(trim(CAST(${id} AS VARCHAR)), '')) AS filled FROM ${relation}`,
  );
  const empty = counts!.n - counts!.filled;
  if (empty > 0) return `${empty} of ${counts!.n} rows have no value in it`;
  const where = isDrop
    ? `, min("_file" || ' row ' || "_row") AS first, max("_file" || ' row ' || "_row") AS last`
    : "";
  const [twice] = await session.rows<{ keys: number; first?: string; last?: string }>(
    `SELECT count(*) AS keys${isDrop ? ", min_by(first, first) AS first, min_by(last, first) AS last" : ""}
     FROM (SELECT count(*) AS n${where} FROM ${relation} GROUP BY ${id} HAVING count(*) > 1)`,
  );
  if (twice!.keys === 0) return undefined;
  return `${twice!.keys} values come more than once${isDrop ? `, such as the one of ${twice!.first} and ${twice!.last}` : ""}`;
}
