import type { Session } from "../../engine/index.ts";
import { type Field, FreshIds } from "../../schema/index.ts";
import type { TableAccess } from "../access.ts";
import { type TableMeta, readsAll } from "../commit/change.ts";
import { commit } from "../commit/commit.ts";
import { metaOf } from "../commit/prepare-commit.ts";
import { type TableDefinition, partitionColumnsOf } from "../create.ts";
import { checkWritable } from "../delta/feature.ts";
import { propertyCloneSources } from "../elsewhere.ts";
import { copyToParquet } from "../parquet/copy.ts";
import { checkProperties } from "../property.ts";
import { tagFieldIds } from "../scan/index.ts";
import type { CommitOutcome } from "../snapshot.ts";
import { layoutOf } from "../write/layout.ts";
import { refuseAppendOnly } from "../write/rows.ts";
import { withWrittenFiles } from "../write/written.ts";

/**
 * Another schema, other partitions, properties and rows (those of `query`; without it none) in one commit. It is the
 * same table: older versions stay readable, and no field id is given again.
 */
export async function replaceTable(
  table: TableAccess,
  session: Session,
  definition: TableDefinition,
  query: string | undefined,
): Promise<CommitOutcome> {
  const { store, folder } = table;
  const base = await table.state();
  checkWritable(folder, base.protocol, base.metaData);
  const before = metaOf(folder, base, await table.iceberg(base));
  const after = replacement(folder, before, definition);
  const removes = [...(await base.files())];
  refuseAppendOnly(folder, base, removes.length);
  const written =
    query === undefined ? [] : await copyToParquet(session, store, folder, layoutOf(after), query);
  return await withWrittenFiles(
    table,
    written.map(({ path }) => path),
    () =>
      commit(table, base, {
        operation: query === undefined ? "CREATE OR REPLACE TABLE" : "CREATE OR REPLACE TABLE AS SELECT",
        parameters: {},
        reads: { reads: readsAll, schema: after.schema, partitionColumns: after.partitionColumns },
        evolve: () => after,
        data: {
          adds: written.map((file) => ({ ...file, tags: { [tagFieldIds]: "true" } })),
          removes,
          deletes: [],
          changesRows: true,
        },
      }),
  );
}

function replacement(
  folder: string,
  before: TableMeta,
  { schema, partitionBy = [], properties = {} }: TableDefinition,
): TableMeta {
  checkProperties(schema, properties);
  const ids = new FreshIds(before.schema.lastFieldId);
  const fields = schema.fields.map((field): Field => ({
    ...field,
    id: ids.next(),
    type: ids.type(field.type),
  }));
  const sources = before.properties[propertyCloneSources];
  return {
    ...before,
    schema: { fields, lastFieldId: ids.last },
    partitionColumns: partitionColumnsOf(folder, schema, partitionBy),
    // Older versions of a clone still use its source's files.
    properties: { ...properties, ...(sources === undefined ? {} : { [propertyCloneSources]: sources }) },
  };
}
