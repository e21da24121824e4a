import type { TableAccess } from "../access.ts";
import { type DataChange, type TableMeta, readsAll } from "../commit/change.ts";
import { commit } from "../commit/commit.ts";
import { metaOf } from "../commit/prepare-commit.ts";
import { checkReadable, checkWritable } from "../delta/feature.ts";
import type { LogState } from "../delta/replay.ts";
import { schemaFromDelta } from "../delta/schema.ts";
import { type CommitOutcome, type DataFile, identifyingColumns, propertyIdentifying } from "../snapshot.ts";
import { refuseAppendOnly } from "../write/rows.ts";
import { withWritten } from "../write/written.ts";
import { filesAgain, refuseGone } from "./files-again.ts";
import { type VersionTarget, versionAt } from "./version-at.ts";

/**
 * A new version with the rows, schema and properties of an old one. No row is copied: the old files come back. Ids that
 * were given since are not given again, and a column that became identifying since stays so. Fails with
 * `table.version_not_found` or `table.files_gone`.
 */
export async function restore(table: TableAccess, target: VersionTarget): Promise<CommitOutcome> {
  const { folder } = table;
  const base = await table.state();
  checkWritable(folder, base.protocol, base.metaData);
  const then = await versionAt(table, target);
  checkReadable(folder, then.protocol, then.metaData);
  const before = metaOf(folder, base, await table.iceberg(base));
  const after = metaAgain(await metaThen(table, then), before);
  const { comes, leaves } = await difference(base, then);
  refuseAppendOnly(folder, base, leaves.length);
  await refuseGone(table, then, base, comes);
  const { adds, keys } = await filesAgain(table, folder, comes, after, (path) => path);
  const data: DataChange = { adds, removes: leaves, deletes: [], changesRows: true };
  return await withWritten(table, keys, () =>
    commit(table, base, {
      operation: "RESTORE",
      parameters:
        "version" in target
          ? { version: String(target.version) }
          : { timestamp: new Date(target.timestampMs).toISOString() },
      reads: { reads: readsAll, schema: before.schema, partitionColumns: before.partitionColumns },
      evolve: (now) => metaAgain(after, now),
      data: comes.length + leaves.length === 0 ? undefined : data,
    }),
  );
}

/** Files are the same when their deleted rows are, too. */
async function difference(
  base: LogState,
  then: LogState,
): Promise<{ comes: DataFile[]; leaves: DataFile[] }> {
  const [now, old] = [await base.files(), await then.files()];
  const same = (a: DataFile, b: DataFile | undefined): boolean =>
    b !== undefined && JSON.stringify(a.deletionVector) === JSON.stringify(b.deletionVector);
  return {
    comes: [...old].filter((file) => !same(file, now.get(file.path))),
    leaves: [...now].filter((file) => !same(file, old.get(file.path))),
  };
}

async function metaThen(table: TableAccess, then: LogState): Promise<TableMeta> {
  const { schemaString, configuration, partitionColumns, name, description } = then.metaData;
  const { idsAreWritten, ...schema } = schemaFromDelta(table.folder, schemaString, configuration);
  if (!idsAreWritten) return metaOf(table.folder, then, await table.iceberg(then));
  return { schema, partitionColumns, properties: configuration, name, description };
}

function metaAgain(then: TableMeta, now: TableMeta): TableMeta {
  const there = new Set(then.schema.fields.map(({ name }) => name.toLowerCase()));
  const identifying = new Set([
    ...identifyingColumns(then.properties),
    ...[...identifyingColumns(now.properties)].filter((name) => there.has(name)),
  ]);
  return {
    ...then,
    schema: {
      ...then.schema,
      lastFieldId: Math.max(then.schema.lastFieldId, now.schema.lastFieldId),
    },
    properties:
      identifying.size === 0
        ? then.properties
        : { ...then.properties, [propertyIdentifying]: JSON.stringify([...identifying]) },
  };
}
