import { type MountState, mountState } from "../catalog/index.ts";
import { ident } from "../engine/index.ts";
import { isKey, isMeasured, parseTag, recordsOf } from "../source/index.ts";
import { type Snapshot, Table, scan } from "../table/index.ts";
import type { RunContext } from "./context.ts";
import { type Derivation, type Derived, bringUpToDate, isRuleOf, staleness } from "./derive.ts";
import type { PreparedSource } from "./prepared-source.ts";
import { sameRows, unlessUntold } from "./same-rows.ts";
import { TAGS, type TagRow, describedColumns, readRows, tagsQuery } from "./tags-table.ts";

type SourceContext = Pick<RunContext, "catalog" | "project" | "revision" | "session">;

/** A source as it is named and versioned, by whatever it was found out. */
type SourceVersion = Pick<PreparedSource, "name" | "relationName" | "tableId" | "version">;

/**
 * The sources with the tags that were found before; undefined when a source or a tag of the configuration changed since.
 * `mounts`: those that were just looked at, by source.
 */
export async function rememberedSources(
  context: SourceContext,
  mounts?: ReadonlyMap<string, MountState>,
): Promise<readonly PreparedSource[] | undefined> {
  const remembered = await context.catalog.snapshot(TAGS);
  const current = remembered && (await currentSnapshots(context, mounts));
  if (remembered === undefined || current === undefined) return undefined;
  if (staleness(tagDerivation(context, current), remembered.provenance) !== undefined) return undefined;
  const rows = await readRows(context, remembered);
  return current.map((source) => preparedBy(context, source, rows));
}

/** So large a share of a source's rows may have changed before the values of its columns are looked at again. */
const mostChanged = 1 / 10;

/**
 * The sources with the tags that were found before, where these stand though rows changed: the sources are the same with the same columns, no
 * column that was empty has a value now, what told the records apart still does, and no more than a tenth of any source's
 * rows came, went or changed since its columns were looked at. undefined: they are to be looked at again. Remembers that they stand.
 */
export async function standingSources(
  context: RunContext,
  mounts: ReadonlyMap<string, MountState>,
): Promise<
  | { readonly sources: readonly PreparedSource[]; readonly written: Extract<Derived, { kind: "written" }> }
  | undefined
> {
  const remembered = await context.catalog.snapshot(TAGS);
  const current = remembered && (await currentSnapshots(context, mounts));
  if (remembered?.provenance === undefined || current === undefined) return undefined;
  if (!isRuleOf(tagDerivation(context, current), remembered.provenance)) return undefined;
  const rows = await readRows(context, remembered);
  for (const source of current) {
    const row = rows.find(({ source: name }) => name === source.name);
    const isOld = remembered.provenance.inputs[source.relationName] === source.version;
    if (row === undefined || !(isOld || (await stands(context, source, row)))) return undefined;
  }
  const since = await rowsSince(context, current, mounts);
  const standing = rows.map((row) => ({ ...row, rows_version: since.get(row.source)! }));
  const written = await rememberTags(context, current, standing);
  return written && { sources: current.map((source) => preparedBy(context, source, standing)), written };
}

async function stands(
  { session }: RunContext,
  { isDelta, snapshot: open, version }: CurrentSource,
  { id_column: idColumn, looked_version: looked, looked_rows: lookedRows, looked_columns: columns }: TagRow,
): Promise<boolean> {
  if (!isDelta || looked == null || lookedRows == null || columns == null || looked > version) return false;
  const snapshot = await open();
  const relation = await scan(session, snapshot);
  const before = JSON.parse(columns) as [name: string, type: string, isFilled: boolean][];
  const isFilled = new Map(before.map(([name, , filled]) => [name, filled]));
  const now = (await session.describe(`FROM ${relation}`)).filter(isMeasured);
  if (describedColumns(now.map((one) => ({ ...one, isFilled: isFilled.get(one.name) === true }))) !== columns)
    return false;
  const changes = await unlessUntold(async () =>
    (await Table.open(snapshot.store, snapshot.folder)).changes(session, {
      from: Number(looked),
      to: version,
    }),
  );
  if (changes === undefined) return false;
  const empty = before.filter(([, , isFilled]) => !isFilled).map(([name]) => ident(name));
  const filled = empty.map((name) => `count(nullif(trim(CAST(${name} AS VARCHAR)), ''))`);
  const [counted] = await session.rows<{ changed: number; filled: number }>(
    `SELECT count(*) AS changed, ${["0", ...filled].join(" + ")} AS filled FROM ${changes}`,
  );
  return (
    Number(counted!.changed) <= mostChanged * Number(lookedRows) &&
    Number(counted!.filled) === 0 &&
    (await isKey(session, relation, idColumn))
  );
}

/**
 * Of each source the version since which none of its rows changed, so that what was made from these rows stands: a source
 * is looked at again whenever it has a new version, what comes after it only when there is something new in it. `mounts`: those that were just looked at.
 */
export async function rowsSince(
  context: RunContext,
  sources: readonly SourceVersion[],
  mounts: ReadonlyMap<string, MountState>,
): Promise<ReadonlyMap<string, number>> {
  const remembered = await context.catalog.snapshot(TAGS);
  const rows = remembered === undefined ? [] : await readRows(context, remembered);
  const current = (await currentSnapshots(context, mounts)) ?? [];
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

/** Writes what the columns of all sources mean. */
export async function rememberTags(
  context: RunContext,
  sources: readonly SourceVersion[],
  rows: readonly TagRow[],
): Promise<Extract<Derived, { kind: "written" }> | undefined> {
  const derived = await bringUpToDate(context.catalog, context.session, {
    ...tagDerivation(context, sources),
    query: () => Promise.resolve(tagsQuery(rows)),
  });
  return derived.kind === "written" ? derived : undefined;
}

/** Raised when the same sources would be given other tags. */
const SUGGESTIONS = 1;

function tagDerivation(
  { revision }: SourceContext,
  sources: readonly SourceVersion[],
): Omit<Derivation, "query"> {
  const said = Object.entries(revision.config.sources).map(([name, { tags = {} }]) => ({ name, tags }));
  return {
    name: TAGS,
    inputs: Object.fromEntries(
      sources.map(({ relationName, tableId, version }) => [relationName, { tableId, version }]),
    ),
    rule: { suggestions: SUGGESTIONS, said },
    identifying: [],
  };
}

function preparedBy(
  context: SourceContext,
  { name, relationName, tableId, version, snapshot }: CurrentSource,
  rows: readonly TagRow[],
): PreparedSource {
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

function timezoneOf({ revision }: SourceContext, name: string): string | undefined {
  const source = revision.config.sources[name];
  return source !== undefined && "timezone" in source ? source.timezone : undefined;
}
