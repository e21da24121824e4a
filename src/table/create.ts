import { randomUUID } from "node:crypto";
import { OneCopyError } from "../base/index.ts";
import type { Schema } from "../schema/index.ts";
import type { Store } from "../storage/index.ts";
import type { DataChange, TableMeta } from "./commit/change.ts";
import { putCommit } from "./commit/put-commit.ts";
import { icebergData, newFile } from "./commit/records.ts";
import { renderCommit } from "./delta/commit-file.ts";
import { excludedBy, protocolFloor, protocolFor } from "./delta/protocol.ts";
import { replay } from "./delta/replay.ts";
import { prepareIceberg } from "./iceberg/prepare.ts";
import { partitionFields } from "./parquet/partition-key.ts";
import { keyIn } from "./path.ts";
import { checkProperties } from "./property.ts";
import { type CommitOutcome, type Protocol, identifyingColumns } from "./snapshot.ts";

export interface TableDefinition {
  readonly schema: Schema;
  /** Table properties, as in Delta's configuration; see docs/format.md for those that mean something. */
  readonly properties?: Readonly<Record<string, string>>;
  /** Columns by whose values files are kept apart (identity partitions). */
  readonly partitionBy?: readonly string[];
}

/** Makes version 0, without rows. `conflict`: there is a table already. */
export async function create(
  store: Store,
  folder: string,
  definition: TableDefinition,
): Promise<CommitOutcome> {
  const { schema, properties = {} } = definition;
  checkProperties(schema, properties);
  const partitionColumns = partitionColumnsOf(folder, schema, definition.partitionBy ?? []);
  const there = await replay(store, folder);
  if (there !== undefined) return { kind: "conflict", winner: there.version, reason: "the table exists" };
  return await commitFirst(store, folder, {
    operation: "CREATE TABLE",
    parameters: {},
    meta: { schema, partitionColumns, properties },
    before: protocolFloor,
    data: undefined,
  });
}

/** Version 0 of a table. */
export interface FirstVersion {
  readonly operation: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly meta: TableMeta;
  /** The protocol that the table has at least. */
  readonly before: Protocol;
  readonly data: DataChange | undefined;
}

/** Puts version 0 in both formats. `conflict`: somebody else has. */
export async function commitFirst(
  store: Store,
  folder: string,
  { operation, parameters, meta, before, data }: FirstVersion,
): Promise<CommitOutcome> {
  const [tableId, txnId, timestampMs] = [randomUUID(), randomUUID(), Date.now()];
  const { schema, partitionColumns, properties } = meta;
  const iceberg = await prepareIceberg(store, folder, tableId, undefined, {
    version: 0,
    timestampMs,
    schema,
    partitionColumns,
    properties,
    identifying: identifyingColumns(properties),
    data: data && icebergData(store, folder, meta, [], data),
  });
  const protocol = protocolFor(schema, properties, before);
  const body = renderCommit({
    store,
    timestampMs,
    operation,
    parameters,
    readVersion: undefined,
    isBlindAppend: true,
    txnId,
    icebergPath: iceberg.metadataKey.slice(keyIn(folder, "x").length - 1),
    provenance: undefined,
    protocol,
    metaData: {
      id: tableId,
      name: meta.name,
      description: meta.description,
      createdTimeMs: timestampMs,
      schema,
      partitionColumns,
      configuration: properties,
    },
    transactions: [],
    adds: (data?.adds ?? []).map((file) => newFile(file, meta, timestampMs)),
    removes: [],
    changesRows: true,
  });
  if ((await putCommit(store, folder, 0, body, txnId)) === "committed") {
    const excludes = excludedBy(before, protocol);
    const rows = (data?.adds ?? []).reduce((sum, { statistics }) => sum + statistics.rows, 0);
    return { kind: "committed", version: 0, rows, ...(excludes.length === 0 ? {} : { excludes }) };
  }
  for (const key of [...iceberg.keys, ...iceberg.addedKeys]) await store.delete(key).catch(() => undefined);
  return { kind: "conflict", winner: 0, reason: "the table was made by somebody else just now" };
}

/** The columns as the schema spells them. Fails with `table.column_unknown` or `table.partition_unsupported`. */
export function partitionColumnsOf(table: string, schema: Schema, names: readonly string[]): string[] {
  const columns = partitionFields(table, schema, names).map(({ name }) => name);
  if (new Set(columns).size < columns.length || columns.length >= schema.fields.length)
    throw new OneCopyError(
      "table.partition_unsupported",
      `The partition columns of ${table} are ${names.join(", ")}; each may stand there once, and one column at least must be left.`,
      { remedy: "Name fewer columns." },
    );
  return columns;
}
