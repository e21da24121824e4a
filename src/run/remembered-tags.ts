import { type MountState, mountState } from "../catalog/index.ts";
import { literal } from "../engine/index.ts";
import type { SourceRelation, Tag } from "../source/index.ts";
import { parseTag, recordsOf } from "../source/index.ts";
import { type Snapshot, scan } from "../table/index.ts";
import type { RunContext } from "./context.ts";
import { type Derived, bringUpToDate, staleness } from "./derive.ts";
import type { PreparedSource } from "./prepared-source.ts";
import { sameRows } from "./same-rows.ts";
import type { Workspace } from "./workspace.ts";

/** What every column was taken to mean, and why; so that a run in which no source changed need not look again. */
const TAGS = "_system.tags";

type SourceContext = Pick<RunContext, "catalog" | "project" | "revision" | "session">;

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

interface Row {
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
}

/**
 * The sources with the tags that were found before; undefined when a source or a tag of the configuration changed since.
 * `mounts`: those that were just looked at, by source.
 */
export async function rememberedSources(
  context: SourceContext,
  mounts?: ReadonlyMap<string, MountState>,
): Promise<readonly PreparedSource[] | undefined> {
  const remembered = await context.catalog.snapshot(TAGS);
  if (remembered === undefined) return undefined;
  const current = await currentSnapshots(context, mounts);
  if (current === undefined) return undefined;
  const derivation = {
    name: TAGS,
    inputs: Object.fromEntries(
      current.map(({ relationName, tableId, version }) => [relationName, { tableId, version }]),
    ),
    rule: tagRule(context),
    identifying: [],
  };
  if (staleness(derivation, remembered.provenance) !== undefined) return undefined;
  const rows = await readRows(context, remembered);
  return current.map(({ name, relationName, tableId, version, snapshot }): PreparedSource => {
    const own = rows.filter((row) => row.source === name);
    const idColumn = own[0]!.id_column;
    return {
      name,
      relationName,
      version: Number(own[0]!.rows_version ?? version),
      tableId,
      relation: async () => recordsOf(await scan(context.session, await snapshot()), idColumn),
      idColumn,
      tags: Object.fromEntries(
        own.flatMap((row) => (row.column_name === null ? [] : [[row.column_name, parseTag(row.tag!)!]])),
      ),
      timezone: timezoneOf(context, name),
    };
  });
}

/**
 * Of each source the version since which none of its rows changed, so that what was made from these rows stands: a source
 * is looked at again whenever it has a new version, what comes after it only when there is something new in it.
 */
export async function rowsSince(
  context: RunContext,
  sources: readonly SourceRelation[],
): Promise<ReadonlyMap<string, number>> {
  const remembered = await context.catalog.snapshot(TAGS);
  const rows = remembered === undefined ? [] : await readRows(context, remembered);
  const current = (await currentSnapshots(context)) ?? [];
  const found = sources.map(async ({ name, relationName, tableId, version }) => {
    const before = rows.find((row) => row.source === name);
    const looked = remembered?.provenance?.inputs[relationName];
    const table = current.find((one) => one.name === name && one.isDelta);
    const isSame =
      before?.rows_version != null &&
      before.table_id === tableId &&
      looked !== undefined &&
      looked <= version &&
      table !== undefined &&
      (looked === version || (await sameRows(context.session, await table.snapshot(), looked, version)));
    return [name, isSame ? Number(before.rows_version) : version] as const;
  });
  return new Map(await Promise.all(found));
}

/** Writes what was found; not when a source failed, since then the next run has to look again. `since`: of {@link rowsSince}. */
export async function rememberTags(
  context: RunContext,
  sources: readonly SourceRelation[],
  since: ReadonlyMap<string, number>,
  complete: boolean,
): Promise<Extract<Derived, { kind: "written" }> | undefined> {
  if (!complete || sources.length === 0) return undefined;
  const derived = await bringUpToDate(context.catalog, context.session, {
    name: TAGS,
    inputs: Object.fromEntries(sources.map((source) => [source.relationName, source])),
    rule: tagRule(context),
    identifying: [],
    query: () => Promise.resolve(tagsQuery(sources, since)),
  });
  return derived.kind === "written" ? derived : undefined;
}

/** The tags in use, by source and column. Empty before the first run. */
export async function readTags(workspace: Pick<Workspace, "catalog" | "session">): Promise<RememberedTag[]> {
  const remembered = await workspace.catalog.snapshot(TAGS);
  if (remembered === undefined) return [];
  return (await readRows(workspace, remembered)).flatMap((row) => {
    const { source, column_name: column, position, tag, confidence, reason } = row;
    if (column === null) return [];
    return [{ source, column, position: position!, tag: parseTag(tag!)!, confidence, reason: reason ?? "" }];
  });
}

/** The column that told each source's records apart when that was last looked at. */
export async function rememberedIdColumns(
  workspace: Pick<Workspace, "catalog" | "session">,
): Promise<ReadonlyMap<string, string>> {
  const remembered = await workspace.catalog.snapshot(TAGS);
  if (remembered === undefined) return new Map();
  return new Map((await readRows(workspace, remembered)).map((row) => [row.source, row.id_column]));
}

async function readRows({ session }: Pick<Workspace, "session">, snapshot: Snapshot): Promise<Row[]> {
  return await session.rows<Row & Record<string, never>>(
    `SELECT * FROM ${await scan(session, snapshot)} ORDER BY source, position`,
  );
}

/** A source without any tagged column has one row too, that says how its records are told apart. */
function tagsQuery(sources: readonly SourceRelation[], since: ReadonlyMap<string, number>): string {
  const rows = sources.flatMap(({ name, idColumn, tableId, tags, suggestions }) => {
    const of = [name, idColumn, tableId, since.get(name) ?? null];
    const columns = Object.entries(tags);
    if (columns.length === 0) return [[...of, null, null, null, null, null]];
    return columns.map(([column, tag], position) => {
      const suggestion = suggestions.find((one) => one.column === column && one.tag === tag);
      const reason = suggestion?.reason ?? "said in the configuration";
      return [...of, column, position, tag, suggestion?.confidence ?? null, reason];
    });
  });
  const values = rows.map((row) => `(${row.map((value) => literal(value)).join(", ")})`).join(", ");
  return `SELECT CAST(source AS VARCHAR) AS source, CAST(id_column AS VARCHAR) AS id_column,
      CAST(column_name AS VARCHAR) AS column_name, CAST(position AS BIGINT) AS position, CAST(tag AS VARCHAR) AS tag,
      CAST(confidence AS DOUBLE) AS confidence, CAST(reason AS VARCHAR) AS reason,
      CAST(table_id AS VARCHAR) AS table_id, CAST(rows_version AS BIGINT) AS rows_version
    FROM (VALUES ${values})
      AS tagged(source, id_column, table_id, rows_version, column_name, position, tag, confidence, reason)`;
}

interface CurrentSource {
  readonly name: string;
  readonly relationName: string;
  readonly tableId: string;
  /** Since which none of its rows changed. */
  readonly version: number;
  readonly snapshot: () => Promise<Snapshot>;
  /** Its log tells what changed between versions. */
  readonly isDelta: boolean;
}

/** The sources as they are now, but for drops of which nothing was loaded; undefined when a mount can't be read. */
async function currentSnapshots(
  { catalog, project, revision }: SourceContext,
  mounts?: ReadonlyMap<string, MountState>,
): Promise<CurrentSource[] | undefined> {
  const found: CurrentSource[] = [];
  for (const [name, config] of Object.entries(revision.config.sources)) {
    if ("files" in config) {
      const snapshot = await catalog.snapshot(`raw.${name}`);
      if (snapshot === undefined) continue;
      const { tableId, rowsVersion: version } = snapshot;
      const relationName = `raw.${name}`;
      found.push({ name, relationName, tableId, version, snapshot: async () => snapshot, isDelta: true });
      continue;
    }
    const now = mounts?.get(name) ?? (await mountState(config, project.folder).catch(() => undefined));
    if (now === undefined) return undefined;
    found.push({ name, relationName: name, ...now, isDelta: "delta" in config });
  }
  return found;
}

/** Raised when the same sources would be given other tags. */
const SUGGESTIONS = 1;

function tagRule({ revision }: SourceContext): unknown {
  const said = Object.entries(revision.config.sources).map(([name, { tags = {} }]) => ({ name, tags }));
  return { suggestions: SUGGESTIONS, said };
}

function timezoneOf({ revision }: SourceContext, name: string): string | undefined {
  const source = revision.config.sources[name];
  return source !== undefined && "timezone" in source ? source.timezone : undefined;
}
