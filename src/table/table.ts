import { randomUUID } from "node:crypto";
import { OneCopyError } from "../base/index.ts";
import type { Session } from "../engine/index.ts";
import { type LogicalType, type Schema, addFields } from "../schema/index.ts";
import type { Store } from "../storage/index.ts";
import { commit } from "./commit.ts";
import { protocolFloor, renderCommit } from "./delta/commit-file.ts";
import { checkWritable } from "./delta/feature.ts";
import { type LogState, replay } from "./delta/replay.ts";
import { schemaFromDelta } from "./delta/schema.ts";
import { heal } from "./heal.ts";
import { prepareIceberg } from "./iceberg/prepare.ts";
import { keyIn } from "./path.ts";
import { checkProperties } from "./property.ts";
import { putCommit } from "./put-commit.ts";
import { notFound, snapshotOf } from "./read.ts";
import type { WriteRequest } from "./request.ts";
import { type CommitOutcome, type IcebergPointer, type Snapshot, identifyingColumns } from "./snapshot.ts";
import { write } from "./write.ts";

export interface TableDefinition {
  readonly schema: Schema;
  /** Table properties, as in Delta's configuration; see docs/format.md for those that mean something. */
  readonly properties?: Readonly<Record<string, string>>;
}

/** A table of the lake, readable as Delta and as Iceberg at every version. */
export class Table {
  private newest: LogState | undefined;

  private constructor(
    readonly store: Store,
    readonly folder: string,
  ) {}

  /** Makes version 0, without rows. `conflict`: there is a table already. */
  static async create(store: Store, folder: string, definition: TableDefinition): Promise<CommitOutcome> {
    const { schema, properties = {} } = definition;
    checkProperties(schema, properties);
    const there = await replay(store, folder);
    if (there !== undefined) return { kind: "conflict", winner: there.version, reason: "the table exists" };
    const [tableId, txnId, timestampMs] = [randomUUID(), randomUUID(), Date.now()];
    const change = {
      version: 0,
      timestampMs,
      schema,
      properties,
      identifying: identifyingColumns(properties),
    };
    const iceberg = await prepareIceberg(store, folder, tableId, undefined, { ...change, data: undefined });
    const body = renderCommit({
      timestampMs,
      operation: "CREATE TABLE",
      parameters: {},
      readVersion: undefined,
      isBlindAppend: true,
      txnId,
      icebergPath: iceberg.metadataKey.slice(keyIn(folder, "x").length - 1),
      provenance: undefined,
      protocol: protocolFloor,
      metaData: { id: tableId, createdTimeMs: timestampMs, schema, configuration: properties },
      transactions: [],
      adds: [],
      removes: [],
    });
    if ((await putCommit(store, folder, 0, body, txnId)) === "committed")
      return { kind: "committed", version: 0, rows: 0 };
    for (const key of iceberg.keys) await store.delete(key).catch(() => undefined);
    return { kind: "conflict", winner: 0, reason: "the table was made by somebody else just now" };
  }

  /** Fails with `table.not_found`. */
  static async open(store: Store, folder: string): Promise<Table> {
    const table = new Table(store, folder);
    await table.state();
    return table;
  }

  /** The newest version as of now, or `version`. Fails with `table.version_not_found`, and as `readDeltaSnapshot` does. */
  async snapshot(version?: number): Promise<Snapshot> {
    const state = version === undefined ? await this.state() : await this.stateAt(version);
    return await snapshotOf(this.store, this.folder, state);
  }

  /** One commit; see {@link WriteRequest}. A table that somebody else changes meanwhile gives a conflict only where that excludes this write. */
  async write(session: Session, request: WriteRequest): Promise<CommitOutcome> {
    return await write(session, this.store, this.folder, await this.state(), request);
  }

  /** Adds columns at the end; rows that exist have null in them. `identifying`: see {@link propertyIdentifying}. */
  async addColumns(
    fields: readonly {
      readonly name: string;
      readonly type: LogicalType;
      readonly comment?: string;
      readonly identifying?: boolean;
    }[],
  ): Promise<CommitOutcome> {
    const base = await this.state();
    checkWritable(this.folder, base.protocol, base.metaData);
    const { idsAreWritten: _, ...schema } = schemaFromDelta(
      this.folder,
      base.metaData.schemaString,
      base.metaData.configuration,
    );
    return await commit(this.store, this.folder, base, await heal(this.store, this.folder, base), {
      operation: "ADD COLUMNS",
      parameters: { columns: JSON.stringify(fields.map(({ name }) => name)) },
      reads: {
        removes: new Set(),
        wouldRemove: () => false,
        replacesAll: false,
        schema,
        changesSchema: true,
      },
      newSchema: addFields(
        schema,
        fields.map(({ identifying: _identifying, ...field }) => field),
      ),
      newIdentifying: fields.filter(({ identifying }) => identifying === true).map(({ name }) => name),
      data: undefined,
      rows: 0,
      transactions: [],
      provenance: undefined,
      onlyIf: undefined,
    });
  }

  /** Brings the Iceberg side up to the newest version, after foreign Delta writers. Makes no version. */
  async heal(): Promise<IcebergPointer> {
    const { metadataKey, version } = await heal(this.store, this.folder, await this.state());
    return { metadataKey, version };
  }

  /** Only what came since the last time is read. */
  private async state(): Promise<LogState> {
    this.newest = await replay(this.store, this.folder, undefined, this.newest);
    if (this.newest === undefined) throw notFound(this.store, this.folder);
    return this.newest;
  }

  private async stateAt(version: number): Promise<LogState> {
    if (!Number.isSafeInteger(version) || version < 0)
      throw new OneCopyError("table.version_not_found", `${this.folder} has no version ${version}.`);
    const state = await replay(this.store, this.folder, version, this.newest);
    if (state === undefined) throw notFound(this.store, this.folder);
    return state;
  }
}
