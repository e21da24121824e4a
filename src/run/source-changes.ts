import { OneCopyError } from "../base/index.ts";
import { mountChanges, openMount } from "../catalog/index.ts";
import { ident, literal } from "../engine/index.ts";
import type { ChangedRecords, IdentityInput } from "../identity/index.ts";
import { recordsOf } from "../source/index.ts";
import { type Provenance, Table, scan } from "../table/index.ts";
import type { RunContext } from "./context.ts";
import type { PreparedSource } from "./prepared-source.ts";

/** A source as the resolution takes it. */
export async function inputOf({ name, relation, idColumn, tags }: PreparedSource): Promise<IdentityInput> {
  return { source: name, relation: await relation(), idColumn, tags };
}

/**
 * What changed in the sources since something was made from them. Of a Delta table the log tells it; of another one every record is
 * looked at. `records`: a relation (source, record_id) of those that there were.
 */
export async function sourceChanges(
  context: RunContext,
  sources: readonly PreparedSource[],
  { inputs: made }: Provenance,
  records: string,
): Promise<Omit<ChangedRecords, "told">> {
  const inputs: IdentityInput[] = [];
  const gone: string[] = ["SELECT '' AS source, '' AS record_id WHERE false"];
  for (const source of sources) {
    const { name, relationName, version, idColumn } = source;
    const before = made[relationName];
    const id = `CAST(${ident(idColumn)} AS VARCHAR)`;
    const input = await inputOf(source);
    const { relation } = input;
    if (before === version) {
      inputs.push({ ...input, relation: `(FROM ${relation} WHERE false)` });
      continue;
    }
    const ids = before === undefined ? undefined : await changedIds(context, source, before);
    const now = `(SELECT ${id} AS record_id FROM ${relation})`;
    inputs.push(
      ids === undefined ? input : { ...input, relation: `(FROM ${relation} WHERE ${id} IN (FROM ${ids}))` },
    );
    const old =
      ids === undefined
        ? `(SELECT record_id FROM ${records} WHERE source = ${literal(name)})`
        : `(SELECT id AS record_id FROM ${ids})`;
    gone.push(`SELECT ${literal(name)} AS source, record_id FROM ${old} ANTI JOIN ${now} USING (record_id)`);
  }
  return { inputs, gone: `(${gone.join(" UNION ALL ")})` };
}

/** A table of the ids of records that changed since a version, or came or went; undefined where the log does not tell. */
async function changedIds(
  { catalog, session, project, revision }: RunContext,
  { name, relationName, idColumn }: PreparedSource,
  from: number,
): Promise<string | undefined> {
  const config = revision.config.sources[name];
  if (config === undefined) return undefined;
  const changesOf = async (): Promise<string | undefined> => {
    if ("files" in config) return await (await catalog.find(relationName))?.changes(session, { from });
    if ("delta" in config) return await (await mounted(config, project.folder)).changes(session, { from });
    const changed = await mountChanges(config, project.folder, from);
    return changed && (await scan(session, changed));
  };
  try {
    const changes = await changesOf();
    if (changes === undefined) return undefined;
    const ids = ident(`changed_in_${name}`);
    await session.run(`CREATE OR REPLACE TEMP TABLE ${ids} AS
      SELECT DISTINCT CAST(${ident(idColumn)} AS VARCHAR) AS id FROM ${recordsOf(changes, idColumn)}`);
    return ids;
  } catch (error) {
    if (error instanceof OneCopyError && error.code.startsWith("table.")) return undefined;
    throw error;
  }
}

async function mounted(config: Parameters<typeof openMount>[0], folder: string): Promise<Table> {
  const { store, folder: at } = await openMount(config, folder);
  return await Table.open(store, at);
}
