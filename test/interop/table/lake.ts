import { join } from "node:path";
import { type Session } from "../../../src/engine/index.ts";
import { schemaOf } from "../../../src/schema/index.ts";
import { type Store, openStore } from "../../../src/storage/index.ts";
import { Table } from "../../../src/table/index.ts";
import { openWorkbench } from "../../workbench.ts";
import type { ReadRequest } from "./readers.ts";

/** A lake in a temporary folder. */
export interface TestLake {
  readonly path: string;
  readonly store: Store;
  readonly session: Session;
  make(folder: string, query: string, properties?: Record<string, string>): Promise<Table>;
  /** How another client finds a version of a table. */
  request(table: Table, version?: number): Promise<ReadRequest>;
  remove(): Promise<void>;
}

export async function openTestLake(name = "lake"): Promise<TestLake> {
  const { base, session, close } = await openWorkbench("onecopy-interop-", { threads: 2 });
  const path = join(base, name);
  const store = openStore(path);
  return {
    path,
    store,
    session,
    async make(folder, query, properties = {}) {
      const schema = schemaOf(await session.describe(query));
      const outcome = await Table.create(store, folder, { schema, properties });
      if (outcome.kind !== "committed") throw new Error(JSON.stringify(outcome));
      return await Table.open(store, folder);
    },
    async request(table, version) {
      const snapshot = await table.snapshot(version);
      if (snapshot.iceberg?.version !== snapshot.version) throw new Error("the Iceberg side lags");
      return {
        delta: store.locate(table.folder),
        version: snapshot.version,
        metadata: `file://${store.locate(snapshot.iceberg.metadataKey)}`,
        filter: null,
      };
    },
    remove: close,
  };
}
