import { literal } from "../engine/index.ts";
import { type SourceRelation, type Tag, parseTag } from "../source/index.ts";
import { type Snapshot, scan } from "../table/index.ts";
import type { Workspace } from "./workspace.ts";

/** What every column was taken to mean, and why; so that a run in which no source changed need not look again. */
export const TAGS = "_system.tags";

/** One tagged column of a source. */
export interface RememberedTag {
  readonly source: string;
  readonly column: string;
  /** Place among the tagged columns of the source, from 0. */
  readonly position: number;
  readonly tag: Tag;
  /** null: a person said so in the configuration. */
  readonly confidence: number | null;
  readonly reason: string;
}

/** A source without any tagged column has one row too, that says how its records are told apart. */
export interface TagRow {
  readonly source: string;
  readonly id_column: string;
  readonly column_name: string | null;
  readonly position: number | null;
  readonly tag: string | null;
  readonly confidence: number | null;
  readonly reason: string | null;
  /** The table, and the version since which none of its rows changed; lakes that were made before have neither. */
  readonly table_id?: string | null;
  readonly rows_version?: number | bigint | null;
  /** When the columns' values were looked at: the version, how many rows (up to a million), and {@link describedColumns}. */
  readonly looked_version?: number | bigint | null;
  readonly looked_rows?: number | bigint | null;
  readonly looked_columns?: string | null;
}

const types: Readonly<Record<keyof TagRow, string>> = {
  source: "VARCHAR",
  id_column: "VARCHAR",
  column_name: "VARCHAR",
  position: "BIGINT",
  tag: "VARCHAR",
  confidence: "DOUBLE",
  reason: "VARCHAR",
  table_id: "VARCHAR",
  rows_version: "BIGINT",
  looked_version: "BIGINT",
  looked_rows: "BIGINT",
  looked_columns: "VARCHAR",
};

/** The rows of sources that were just looked at; `since`: by name, the version since which none of the rows changed. */
export function rowsOf(
  sources: readonly SourceRelation[],
  since: ReadonlyMap<string, number>,
): readonly TagRow[] {
  return sources.flatMap(({ name, idColumn, tableId, tags, suggestions, version, columns }): TagRow[] => {
    const of = {
      source: name,
      id_column: idColumn,
      table_id: tableId,
      rows_version: since.get(name) ?? null,
      looked_version: version,
      looked_rows: columns[0]?.rows ?? 0,
      looked_columns: describedColumns(columns.map((column) => ({ ...column, isFilled: column.filled > 0 }))),
    };
    const found = Object.entries(tags);
    if (found.length === 0)
      return [{ ...of, column_name: null, position: null, tag: null, confidence: null, reason: null }];
    return found.map(([column, tag], position) => {
      const suggestion = suggestions.find((one) => one.column === column && one.tag === tag);
      return {
        ...of,
        column_name: column,
        position,
        tag,
        confidence: suggestion?.confidence ?? null,
        reason: suggestion?.reason ?? "said in the configuration",
      };
    });
  });
}

/** Columns in their order as a text: `[[name, the engine's type, whether any row has a value], …]`. */
export function describedColumns(
  columns: readonly { readonly name: string; readonly type: string; readonly isFilled: boolean }[],
): string {
  return JSON.stringify(columns.map(({ name, type, isFilled }) => [name, type, isFilled]));
}

/** A query of the rows, as the table has them. */
export function tagsQuery(rows: readonly TagRow[]): string {
  const names = Object.keys(types) as (keyof TagRow)[];
  const values = rows.map((row) => `(${names.map((name) => literal(row[name] ?? null)).join(", ")})`);
  return `SELECT ${names.map((name) => `CAST(${name} AS ${types[name]}) AS ${name}`).join(", ")}
    FROM (VALUES ${values.join(", ")}) AS tagged(${names.join(", ")})`;
}

export async function readRows(
  { session }: Pick<Workspace, "session">,
  snapshot: Snapshot,
): Promise<TagRow[]> {
  return await session.rows<TagRow & Record<string, never>>(
    `SELECT * FROM ${await scan(session, snapshot)} ORDER BY source, position`,
  );
}

/** The tags in use, by source and column. Empty before the first run. */
export async function readTags(workspace: Pick<Workspace, "catalog" | "session">): Promise<RememberedTag[]> {
  return (await remembered(workspace)).flatMap((row) => {
    const { source, column_name: column, position, tag, confidence, reason } = row;
    if (column === null) return [];
    return [{ source, column, position: position!, tag: parseTag(tag!)!, confidence, reason: reason ?? "" }];
  });
}

/** The column that told each source's records apart when that was last looked at. */
export async function rememberedIdColumns(
  workspace: Pick<Workspace, "catalog" | "session">,
): Promise<ReadonlyMap<string, string>> {
  return new Map((await remembered(workspace)).map((row) => [row.source, row.id_column]));
}

async function remembered(workspace: Pick<Workspace, "catalog" | "session">): Promise<readonly TagRow[]> {
  const snapshot = await workspace.catalog.snapshot(TAGS);
  return snapshot === undefined ? [] : await readRows(workspace, snapshot);
}
