import { OneCopyError } from "../base/index.ts";
import { type Catalog, openMount } from "../catalog/index.ts";
import { ident, type Session } from "../engine/index.ts";
import { scan, type Snapshot } from "../table/index.ts";
import type { SourceConfig, SourcesConfig } from "./config.ts";
import { fileAndRow, recordId } from "./record-id.ts";
import { type ColumnMeasure, measureColumns } from "./tag/measure.ts";
import { suggestTagsOf } from "./tag/suggest.ts";
import type { OtherSource, TagSuggestion } from "./tag/suggestion.ts";
import type { Tag } from "./tag/tag.ts";
import { tagsOf } from "./tagged.ts";

/** A source's records at one version. */
export interface SourceRelation {
  readonly name: string;
  /** `raw.<name>` of a file drop; a mount's own name. */
  readonly relationName: string;
  readonly version: number;
  /** Tells apart tables that were put in each other's place. */
  readonly tableId: string;
  /** SQL that can stand after FROM. */
  readonly relation: string;
  /** Unique in the relation, and never null. `_record` (`<file>#<row>`) where the records have no key. */
  readonly idColumn: string;
  /** By column. */
  readonly tags: Readonly<Record<string, Tag>>;
  /** What was suggested, with reasons, for a person to confirm. */
  readonly suggestions: readonly TagSuggestion[];
  /** What the tags were suggested by. */
  readonly columns: readonly ColumnMeasure[];
  /** Of times that are written without a zone. */
  readonly timezone: string | undefined;
}

export interface SourceRequest {
  readonly session: Session;
  readonly catalog: Catalog;
  readonly name: string;
  readonly config: SourceConfig;
  /** What a mount's path is relative to. */
  readonly baseFolder: string;
  /** Sources whose keys this one's columns may hold. */
  readonly otherSources?: readonly OtherSource[];
}

/** A source as it is now, and what its columns hold. */
interface LookedAt {
  readonly snapshot: Snapshot;
  readonly rows: string;
  readonly columns: readonly ColumnMeasure[];
}

/**
 * A source as it is now: a file drop's table, or a mounted table, which is read where it is. Undefined for a drop
 * of which nothing was loaded. Fails with `source.unknown_column`, `source.key_not_unique`, `source.no_key`, and
 * as {@link openMount} does.
 */
export async function sourceRelation(request: SourceRequest): Promise<SourceRelation | undefined> {
  const looked = await lookAt(request);
  return looked && (await tagged(request, looked));
}

async function lookAt({
  session,
  catalog,
  name,
  config,
  baseFolder,
}: SourceRequest): Promise<LookedAt | undefined> {
  const snapshot =
    "files" in config ? await catalog.snapshot(`raw.${name}`) : await openMount(config, baseFolder);
  if (snapshot === undefined) return undefined;
  const rows = await scan(session, snapshot);
  return { snapshot, rows, columns: await measureColumns(session, rows) };
}

async function tagged(
  { session, name, config, otherSources = [] }: SourceRequest,
  { snapshot, rows, columns }: LookedAt,
): Promise<SourceRelation> {
  const isDrop = "files" in config;
  const confirmed = config.tags ?? {};
  const suggestions = await suggestTagsOf(session, columns, { sourceName: name, otherSources, confirmed });
  const fields = snapshot.schema.fields.filter((field) => !isDrop || !["_file", "_row"].includes(field.name));
  const tags = tagsOf(name, fields, confirmed, suggestions);
  return {
    name,
    relationName: isDrop ? `raw.${name}` : name,
    version: snapshot.rowsVersion,
    tableId: snapshot.tableId,
    ...(await recordId(session, { source: name, relation: rows, tags, written: confirmed, isDrop })),
    suggestions,
    columns,
    timezone: config.timezone,
  };
}

export interface SourceRelations {
  readonly ready: readonly SourceRelation[];
  /** Sources that cannot be used, and why; they do not hold up the others. */
  readonly failed: readonly { readonly name: string; readonly error: OneCopyError }[];
  /** File drops of which nothing was loaded. */
  readonly empty: readonly string[];
}

/** All sources, with the keys that point from one to another found: keys first, then who points to them. Each source is looked at once. */
export async function sourceRelations(
  request: Omit<SourceRequest, "name" | "config" | "otherSources"> & { readonly sources: SourcesConfig },
): Promise<SourceRelations> {
  const { sources, ...rest } = request;
  const failed: { name: string; error: OneCopyError }[] = [];
  const attempt = async <Made>(name: string, make: () => Promise<Made>): Promise<Made | undefined> => {
    try {
      return await make();
    } catch (error) {
      if (!(error instanceof OneCopyError) || error.code === "engine.cancelled") throw error;
      failed.push({ name, error });
      return undefined;
    }
  };
  const empty: string[] = [];
  const looked = new Map<string, LookedAt>();
  const first: SourceRelation[] = [];
  for (const [name, config] of Object.entries(sources)) {
    const one = { ...rest, name, config };
    const relation = await attempt(name, async () => {
      const found = await lookAt(one);
      if (found === undefined) empty.push(name);
      else looked.set(name, found);
      return found && (await tagged(one, found));
    });
    if (relation !== undefined) first.push(relation);
  }
  const keyed = first
    .filter(({ idColumn, tags }) => idColumn !== fileAndRow && tags[idColumn] === "customer_key")
    .map(({ name, relation, idColumn }): OtherSource => ({
      name,
      relation: `(SELECT ${ident(idColumn)} FROM ${relation})`,
      keyColumn: idColumn,
    }));
  const ready: SourceRelation[] = [];
  for (const source of first) {
    const { name } = source;
    const otherSources = keyed.filter((other) => other.name !== name);
    const again =
      otherSources.length === 0
        ? source
        : await attempt(name, () =>
            tagged({ ...rest, name, config: sources[name]!, otherSources }, looked.get(name)!),
          );
    if (again !== undefined) ready.push(again);
  }
  return { ready, failed, empty };
}
