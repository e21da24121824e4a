import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Session, openEngine } from "../../engine/index.ts";
import { schemaOf } from "../../schema/index.ts";
import { type Store } from "../../storage/index.ts";
import { parseMetadata } from "../iceberg/metadata.ts";
import { liveFiles } from "../iceberg/live.ts";
import { readManifestList } from "../iceberg/manifest-list.ts";
import { nowhere } from "../elsewhere.ts";
import { Table, scan } from "../index.ts";
import { keyOfLocation } from "./iceberg-reach.ts";
import { settled, storeForTest } from "../store-for-test.ts";

/** A lake of one table, `ns/t` with id and name, in a temporary folder. */
export interface OneTableLake {
  readonly store: Store;
  readonly session: Session;
  make(properties?: Record<string, string>, folder?: string): Promise<Table>;
  ids(table: Table, version?: number): Promise<number[]>;
  /** The same rows by way of the Iceberg metadata of the version, without the Delta log. */
  icebergIds(table: Table, version?: number): Promise<number[]>;
  keys(prefix?: string): Promise<string[]>;
  remove(): Promise<void>;
}

export async function oneTableLake(): Promise<OneTableLake> {
  const base = await mkdtemp(join(tmpdir(), "onecopy-maintain-"));
  const engine = await openEngine({ spillFolder: join(base, "spill"), threads: 1 });
  const session = await engine.session();
  const store = storeForTest(join(base, "lake"));
  const schema = schemaOf([
    { name: "id", type: "BIGINT" },
    { name: "name", type: "VARCHAR" },
  ]);
  const idsOf = async (relation: string): Promise<number[]> => {
    const rows = await session.rows<{ id: number }>(`SELECT id FROM ${relation} ORDER BY id`);
    return rows.map(({ id }) => id);
  };
  return {
    store,
    session,
    async make(properties = {}, folder = "ns/t") {
      await Table.create(store, folder, { schema, properties });
      return await Table.open(store, folder);
    },
    ids: async (table, version) => await idsOf(await scan(session, await table.snapshot(version))),
    async icebergIds(table, version) {
      const { iceberg, ...snapshot } = await table.snapshot(version);
      const found = await store.get(iceberg!.metadataKey);
      if (found.kind === "absent") throw new Error(`${iceberg!.metadataKey} is gone`);
      const metadata = parseMetadata(iceberg!.metadataKey, found.body);
      const current = metadata.snapshots.find(
        (one) => one["snapshot-id"] === metadata["current-snapshot-id"],
      );
      if (current === undefined) return [];
      const key = keyOfLocation(store, current["manifest-list"])!;
      const list = await store.get(key);
      if (list.kind === "absent") throw new Error(`${key} is gone`);
      const live = await liveFiles(store, table.folder, await readManifestList(key, list.body), nowhere);
      const files = [...live.values()].map((file) => snapshot.files.get(file.path) ?? file);
      return await idsOf(await scan(session, { ...snapshot, iceberg }, { files }));
    },
    async keys(prefix = "") {
      const keys: string[] = [];
      for await (const { key } of store.list(prefix)) keys.push(key);
      return keys;
    },
    async remove() {
      session.close();
      await engine.close();
      await settled(store);
      await rm(base, { recursive: true });
    },
  };
}
