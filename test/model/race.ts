import type { Session } from "../../src/engine/index.ts";
import { schemaOf } from "../../src/schema/index.ts";
import { type Store, openStore } from "../../src/storage/index.ts";
import { Table } from "../../src/table/index.ts";

/** A row by its columns. */
export type Row = Readonly<Record<string, unknown>>;
/** What is done to a table of this kind, and to its rows. */
export interface Operation {
  readonly run: (table: Table) => Promise<{ readonly kind: string }>;
  readonly rows: (rows: readonly Row[]) => readonly Row[];
}

const values = (...rows: (readonly [number, string, number])[]): string =>
  `SELECT id::BIGINT AS id, part, n::INTEGER AS n FROM (VALUES ${rows.map(([id, part, n]) => `(${id}, '${part}', ${n})`).join(", ")}) AS v(id, part, n)`;
const row = (id: number, part: string, n: number): Row => ({ id, part, n });
/** In the order of the columns in conflict.test.ts. */
export function operationsOf(session: Session): Readonly<Record<string, Operation>> {
  const set = (props: Record<string, string>): Operation => ({
    run: async (table) => await table.setProperties(session, props),
    rows: (rows) => rows,
  });

  return {
    append: {
      run: async (table) => await table.write(session, { mode: "append", query: values([7, "b", 7]) }),
      rows: (rows) => [...rows, row(7, "b", 7)],
    },
    "overwrite all": {
      run: async (table) => await table.write(session, { mode: "overwrite", query: values([50, "a", 50]) }),
      rows: () => [row(50, "a", 50)],
    },
    "overwrite where": {
      run: async (table) =>
        await table.write(session, {
          mode: "overwrite",
          replace: { where: "id < 3" },
          query: values([1, "a", 70]),
        }),
      rows: (rows) => [...rows.filter(({ id }) => (id as number) >= 3), row(1, "a", 70)],
    },
    "overwrite partitions": {
      run: async (table) =>
        await table.write(session, {
          mode: "overwrite",
          replace: "partitions",
          query: values([60, "b", 60]),
        }),
      rows: (rows) => [...rows.filter(({ part }) => part !== "b"), row(60, "b", 60)],
    },
    delete: {
      run: async (table) => await table.delete(session, { where: "id = 7 OR id = 2" }),
      rows: (rows) => rows.filter(({ id }) => id !== 7 && id !== 2),
    },
    update: {
      run: async (table) => await table.update(session, { where: "id >= 7", set: { part: "part || '!'" } }),
      rows: (rows) =>
        rows.map((one) => ((one["id"] as number) >= 7 ? { ...one, part: `${String(one["part"])}!` } : one)),
    },
    merge: {
      run: async (table) =>
        await table.merge(session, {
          query: "SELECT 7::BIGINT AS id, 'm' AS part UNION ALL SELECT 3, 'm'",
          on: ["id"],
        }),
      rows: (rows) => [
        ...rows.map((one) => ([3, 7].includes(one["id"] as number) ? { ...one, part: "m" } : one)),
        ...[3, 7].filter((key) => !rows.some(({ id }) => id === key)).map((id) => ({ id, part: "m" })),
      ],
    },
    compact: {
      run: async (table) => {
        const { versions } = await table.compact(session);
        return { kind: versions.length > 0 ? "committed" : "conflict" };
      },
      rows: (rows) => rows,
    },
    "add column": {
      run: async (table) => await table.evolve(session, [{ kind: "add", path: ["x"], type: "string" }]),
      rows: (rows) => rows,
    },
    "drop column": {
      run: async (table) => await table.evolve(session, [{ kind: "drop", path: ["n"] }]),
      rows: (rows) => rows.map(({ n: _, ...others }) => others),
    },
    "rename column": {
      run: async (table) => await table.evolve(session, [{ kind: "rename", path: ["n"], to: "m" }]),
      rows: (rows) => rows.map(({ n, ...others }) => ({ ...others, m: n })),
    },
    "forbid nulls": {
      run: async (table) =>
        await table.evolve(session, [{ kind: "set-nullable", path: ["n"], nullable: false }]),
      rows: (rows) => rows,
    },
    identifying: set({ "onecopy.identifying-columns": '["part"]' }),
    "append only": set({ "delta.appendOnly": "true" }),
    "vectors on": set({ "delta.enableDeletionVectors": "true" }),
    "vectors off": set({ "delta.enableDeletionVectors": "false" }),
    restore: {
      run: async (table) => await table.restore({ version: 1 }),
      rows: () => [row(1, "a", 1), row(2, "a", 2), row(3, "a", 3)],
    },
    replace: {
      run: async (table) =>
        await table.replace(
          session,
          { schema: schemaOf([{ name: "id", type: "BIGINT" }]) },
          "SELECT 1::BIGINT AS id",
        ),
      rows: () => [{ id: 1 }],
    },
  };
}

/** The rows of {@link tableToRace}. */
export const start: readonly Row[] = [1, 2, 3, 9, 10].map((id) => row(id, id < 5 ? "a" : "b", id));

export async function tableToRace(session: Session, lake: string, vectors: boolean): Promise<Table> {
  const store = openStore(lake);
  await Table.create(store, "t", {
    schema: schemaOf([
      { name: "id", type: "BIGINT" },
      { name: "part", type: "VARCHAR" },
      { name: "n", type: "INTEGER" },
    ]),
    partitionBy: ["part"],
    properties: vectors ? { "delta.enableDeletionVectors": "true" } : {},
  });
  const table = await Table.open(store, "t");
  await table.write(session, { mode: "append", query: values([1, "a", 1], [2, "a", 2], [3, "a", 3]) });
  await table.write(session, { mode: "append", query: values([9, "b", 9]) });
  await table.write(session, { mode: "append", query: values([10, "b", 10], [11, "b", 11]) });
  if (vectors) await table.delete(session, { where: "id = 11" });
  else await table.delete(session, { where: "id >= 10" });
  if (!vectors) await table.write(session, { mode: "append", query: values([10, "b", 10]) });
  return table;
}

/** The table's store, with somebody who comes first when the table's next commit is put. */
export function overtaken(store: Store, first: () => Promise<void>): Store {
  let todo: (() => Promise<void>) | undefined = first;
  const put = async (...args: Parameters<Store["put"]>) => {
    const run = /_delta_log\/\d+\.json$/.test(args[0]) ? todo : undefined;
    if (run !== undefined) todo = undefined;
    await run?.();
    return await store.put(...args);
  };
  return Object.create(store, { put: { value: put } }) as Store;
}
