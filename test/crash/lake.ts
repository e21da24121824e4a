import { writeFile } from "node:fs/promises";
import { Catalog } from "../../src/catalog/index.ts";
import type { Session } from "../../src/engine/index.ts";
import { schemaOf } from "../../src/schema/index.ts";
import type { Store } from "../../src/storage/index.ts";
import { type CommitOutcome, Table, type TableChange, type TableDefinition } from "../../src/table/index.ts";

export interface Lake {
  readonly store: Store;
  readonly session: Session;
}

export type Run = (lake: Lake) => Promise<unknown>;

export const definition: TableDefinition = {
  schema: schemaOf([
    { name: "id", type: "BIGINT" },
    { name: "name", type: "VARCHAR" },
  ]),
};

export const rowsOf = (...rows: string[]): string => `SELECT * FROM (VALUES ${rows.join()}) t(id, name)`;
export const [one, other, next] = ["(1::BIGINT, 'a')", "(2::BIGINT, 'b')", "(1000::BIGINT, 'new')"];
export const added = "SELECT 1000 AS id, 'new' AS name";

export async function twoRows({ store, session }: Lake): Promise<void> {
  await committed(Table.create(store, "ns/t", definition));
  const table = await Table.open(store, "ns/t");
  await committed(table.write(session, { mode: "append", query: "SELECT 1 AS id, 'a' AS name" }));
  await committed(table.write(session, { mode: "append", query: "SELECT 2 AS id, 'b' AS name" }));
}

/** A commit by somebody who knows nothing of OneCopy: removes the first file. */
export async function foreignDelete({ store }: Lake): Promise<void> {
  const { files, version, folder } = await (await Table.open(store, "ns/t")).snapshot();
  const remove = { path: [...files][0]!.path, dataChange: true, deletionTimestamp: 0 };
  await writeFile(
    store.locate(`${folder}/_delta_log/${String(version + 1).padStart(20, "0")}.json`),
    `${JSON.stringify({ commitInfo: { operation: "DELETE" } })}\n${JSON.stringify({ remove })}\n`,
  );
}

export async function createByFolder({ store }: Lake): Promise<Table> {
  await committed(Table.create(store, "ns/t", definition));
  return await Table.open(store, "ns/t");
}

export async function createNamed({ store }: Lake): Promise<Table> {
  return await (await Catalog.open(store)).create("ns.t", definition);
}

export async function committed(outcome: Promise<CommitOutcome>): Promise<CommitOutcome> {
  const found = await outcome;
  if (found.kind !== "committed") throw new Error(JSON.stringify(found));
  return found;
}

export const onTable =
  (run: (table: Table, session: Session) => Promise<CommitOutcome>) =>
  async ({ store, session }: Lake): Promise<CommitOutcome> =>
    await committed(run(await Table.open(store, "ns/t"), session));

export const evolution = (...changes: TableChange[]): Run =>
  onTable((table, session) => table.evolve(session, changes));
