import { openMount } from "../catalog/index.ts";
import { literal } from "../engine/index.ts";
import type { SourceRelation, Tag } from "../source/index.ts";
import { parseTag, recordsOf } from "../source/index.ts";
import { type Snapshot, scan } from "../table/index.ts";
import type { RunContext } from "./context.ts";
import { type Derived, bringUpToDate, staleness } from "./derive.ts";
import type { PreparedSource } from "./prepared-source.ts";
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
}

/** The sources with the tags that were found before; undefined when a source or a tag of the configuration changed since. */
export async function rememberedSources(
  context: SourceContext,
): Promise<readonly PreparedSource[] | undefined> {
  const remembered = await context.catalog.snapshot(TAGS);
  if (remembered === undefined) return undefined;
  const current = await currentSnapshots(context);
  if (current === undefined) return undefined;
  const derivation = {
    name: TAGS,
    inputs: Object.fromEntries(
      current.map(({ relationName, snapshot: { tableId, rowsVersion } }) => [
        relationName,
        { tableId, version: rowsVersion },
      ]),
    ),
    rule: tagRule(context),
    identifying: [],
  };
  if (staleness(derivation, remembered.provenance) !== undefined) return undefined;
  const rows = await readRows(context, remembered);
  const prepared = current.map(async ({ name, relationName, snapshot }): Promise<PreparedSource> => {
    const own = rows.filter((row) => row.source === name);
    const idColumn = own[0]!.id_column;
    return {
      name,
      relationName,
      version: snapshot.rowsVersion,
      tableId: snapshot.tableId,
      relation: recordsOf(await scan(context.session, snapshot), idColumn),
      idColumn,
      tags: Object.fromEntries(
        own.flatMap((row) => (row.column_name === null ? [] : [[row.column_name, parseTag(row.tag!)!]])),
      ),
      timezone: timezoneOf(context, name),
    };
  });
  return await Promise.all(prepared);
}

/** Writes what was found; not when a source failed, since then the next run has to look again. */
export async function rememberTags(
  context: RunContext,
  sources: readonly SourceRelation[],
  complete: boolean,
): Promise<Extract<Derived, { kind: "written" }> | undefined> {
  if (!complete || sources.length === 0) return undefined;
  const derived = await bringUpToDate(context.catalog, context.session, {
    name: TAGS,
    inputs: Object.fromEntries(sources.map((source) => [source.relationName, source])),
    rule: tagRule(context),
    identifying: [],
    query: () => Promise.resolve(tagsQuery(sources)),
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
function tagsQuery(sources: readonly SourceRelation[]): string {
  const rows = sources.flatMap(({ name, idColumn, tags, suggestions }) => {
    const columns = Object.entries(tags);
    if (columns.length === 0) return [[name, idColumn, null, null, null, null, null]];
    return columns.map(([column, tag], position) => {
      const suggestion = suggestions.find((one) => one.column === column && one.tag === tag);
      const reason = suggestion?.reason ?? "said in the configuration";
      return [name, idColumn, column, position, tag, suggestion?.confidence ?? null, reason];
    });
  });
  const values = rows.map((row) => `(${row.map((value) => literal(value)).join(", ")})`).join(", ");
  return `SELECT CAST(source AS VARCHAR) AS source, CAST(id_column AS VARCHAR) AS id_column,
      CAST(column_name AS VARCHAR) AS column_name, CAST(position AS BIGINT) AS position, CAST(tag AS VARCHAR) AS tag,
      CAST(confidence AS DOUBLE) AS confidence, CAST(reason AS VARCHAR) AS reason
    FROM (VALUES ${values}) AS tagged(source, id_column, column_name, position, tag, confidence, reason)`;
}

interface CurrentSource {
  readonly name: string;
  readonly relationName: string;
  readonly snapshot: Snapshot;
}

/** The sources as they are now, but for drops of which nothing was loaded; undefined when a mount can't be read. */
async function currentSnapshots({
  catalog,
  project,
  revision,
}: SourceContext): Promise<CurrentSource[] | undefined> {
  const found: CurrentSource[] = [];
  for (const [name, config] of Object.entries(revision.config.sources)) {
    if ("files" in config) {
      const snapshot = await catalog.snapshot(`raw.${name}`);
      if (snapshot !== undefined) found.push({ name, relationName: `raw.${name}`, snapshot });
      continue;
    }
    const snapshot = await openMount(config, project.folder).catch(() => undefined);
    if (snapshot === undefined) return undefined;
    found.push({ name, relationName: name, snapshot });
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
