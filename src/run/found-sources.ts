import { sha256 } from "../base/index.ts";
import { type Catalog, isMountOfMany, mountsOfMany } from "../catalog/index.ts";
import type { Session } from "../engine/index.ts";
import type { Project, Revision } from "../project/index.ts";
import type { SourceConfig } from "../source/index.ts";
import { rememberedIdColumns } from "./tags-table.ts";

export interface FoundSources {
  /** In which each table that was found is a source of its own: `<source>_<table>`. */
  readonly revision: Revision;
  /** Sources that the configuration does not name. */
  readonly found: ReadonlySet<string>;
}

type ManyConfig = Extract<SourceConfig, { readonly except?: unknown }>;

const longestName = 63;

/**
 * The sources that stand for all tables of a share or a namespace, taken apart. Where the tables cannot be listed, such a
 * source stays, and fails with the reason when it is read. A table that is listed no more stays a source while its records
 * are among the people: it fails as well, until `except` names it.
 */
export async function foundSources(
  context: { readonly project: Project; readonly catalog: Catalog; readonly session: Session },
  revision: Revision,
): Promise<FoundSources> {
  const { sources } = revision.config;
  if (!Object.values(sources).some(isMany)) return { revision, found: new Set() };
  const remembered = [...(await rememberedIdColumns(context)).keys()];
  const all: Record<string, SourceConfig> = {};
  const found = new Set<string>();
  for (const [name, config] of Object.entries(sources)) {
    const tables = isMany(config) ? await tablesOf(context.project, config, name, remembered) : undefined;
    if (tables === undefined) {
      all[name] = config;
      continue;
    }
    for (const [table, mount] of Object.entries(tables)) {
      if (table in sources) continue;
      all[table] = mount;
      found.add(table);
    }
  }
  return { revision: { ...revision, config: { ...revision.config, sources: all } }, found };
}

function isMany(config: SourceConfig): config is ManyConfig {
  return !("files" in config) && isMountOfMany(config);
}

/** undefined: they cannot be listed now. */
async function tablesOf(
  { folder }: Project,
  config: ManyConfig,
  source: string,
  remembered: readonly string[],
): Promise<Readonly<Record<string, SourceConfig>> | undefined> {
  const listed = await mountsOfMany(config, folder).catch(() => undefined);
  if (listed === undefined) return undefined;
  const { timezone, tags = {}, except = [] } = config;
  const leftOut = new Set(except.map((name) => nameOf(source, name)));
  const tables: Record<string, SourceConfig> = {};
  for (const { name, mount } of listed) {
    const own = nameOf(source, name);
    if (leftOut.has(own)) continue;
    // Two names may become the same one when written in small letters.
    const free = own in tables ? nameOf(source, `${name}_${sha256(name).slice(0, 6)}`) : own;
    const prefix = `${name}.`;
    const named = Object.entries(tags).filter(([column]) => column.startsWith(prefix));
    const ofTable = Object.fromEntries(named.map(([column, tag]) => [column.slice(prefix.length), tag]));
    tables[free] = { ...mount, tags: ofTable, timezone } as SourceConfig;
  }
  for (const gone of remembered) {
    if (!gone.startsWith(`${source}_`) || gone in tables || leftOut.has(gone)) continue;
    tables[gone] = { ...placeOfGone(config, gone.slice(source.length + 1)), timezone } as SourceConfig;
  }
  return tables;
}

function placeOfGone(config: ManyConfig, name: string): object {
  const at = (pattern: string): string => `${pattern.slice(0, -1)}${name}`;
  if ("delta_sharing" in config) {
    const { delta_sharing: place } = config;
    return { delta_sharing: { ...place, table: at(place.table) } };
  }
  const { iceberg_catalog: place } = config;
  return { iceberg_catalog: { ...place, table: at(place.table) } };
}

/** As sources are called: small letters, digits and `_`. */
function nameOf(source: string, table: string): string {
  const name = `${source}_${table.toLowerCase().replaceAll(/[^a-z0-9_]/g, "_")}`;
  return name.length <= longestName && !name.endsWith("_rejects")
    ? name
    : `${name.slice(0, longestName - 7)}_${sha256(name).slice(0, 6)}`;
}
