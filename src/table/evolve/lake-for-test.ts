import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Session, openEngine } from "../../engine/index.ts";
import { schemaOf } from "../../schema/index.ts";
import { type Store } from "../../storage/index.ts";
import { Table, type TableDefinition, scan } from "../index.ts";
import { settled, storeForTest } from "../store-for-test.ts";

/** A lake in a temporary folder, for tests. */
export interface TestLake {
  readonly store: Store;
  readonly session: Session;
  /** A table with the rows of these queries, one commit each, and the columns of the first one. */
  make(folder: string, queries: readonly string[], definition?: Partial<TableDefinition>): Promise<Table>;
  /** All rows of a version as JSON, in order. */
  rows(table: Table, version?: number): Promise<string[]>;
  remove(): Promise<void>;
}

export async function openTestLake(open: (address: string) => Store = storeForTest): Promise<TestLake> {
  const base = await mkdtemp(join(tmpdir(), "onecopy-evolve-"));
  const engine = await openEngine({ spillFolder: join(base, "spill"), threads: 1 });
  const session = await engine.session();
  const store = open(join(base, "a lake"));
  return {
    store,
    session,
    async make(folder, queries, definition = {}) {
      const schema = schemaOf(await session.describe(queries[0]!));
      const made = await Table.create(store, folder, { schema, ...definition });
      if (made.kind !== "committed") throw new Error(JSON.stringify(made));
      const table = await Table.open(store, folder);
      for (const query of queries) await append(session, table, query);
      return table;
    },
    async rows(table, version) {
      const relation = await scan(session, await table.snapshot(version));
      const found = await session.rows<{ row: string }>(
        `SELECT to_json(t)::VARCHAR AS row FROM ${relation} AS t ORDER BY row`,
      );
      return found.map(({ row }) => row);
    },
    async remove() {
      session.close();
      await engine.close();
      await settled(store);
      await rm(base, { recursive: true });
    },
  };
}

/** Fails unless the rows are committed. */
export async function append(session: Session, table: Table, query: string): Promise<void> {
  const outcome = await table.write(session, { mode: "append", query });
  if (outcome.kind !== "committed") throw new Error(JSON.stringify(outcome));
}

/** The table, in which somebody else acts just before its next commit is put. */
export function meanwhile(table: Table, act: () => Promise<unknown>): Table {
  let done = false;
  const put: Store["put"] = async (key, body, condition) => {
    if (!done && key.includes("/_delta_log/")) {
      done = true;
      await act();
    }
    return await table.store.put(key, body, condition);
  };
  const store = new Proxy(table.store, {
    get: (target, key) => {
      if (key === "put") return put;
      const own = target[key as keyof Store];
      return typeof own === "function" ? own.bind(target) : own;
    },
  });
  return Object.assign(Object.create(Table.prototype) as Table, table, { store });
}
