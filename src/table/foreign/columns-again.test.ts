import { afterAll, beforeAll, expect, test } from "vitest";
import type { Store } from "../../storage/index.ts";
import { append, meanwhile, openTestLake, type TestLake } from "../evolve/lake-for-test.ts";
import { currentSchema, parseMetadata } from "../iceberg/metadata.ts";
import {
  type IcebergCommitOutcome,
  type Table,
  type TableUpdate,
  identifyingColumns,
  readIcebergSnapshot,
  scan,
} from "../index.ts";

/* An Iceberg engine changes columns through the catalog, in a table with rows. */

let lake: TestLake;
beforeAll(async () => {
  lake = await openTestLake();
});
afterAll(() => lake.remove());

type Fields = ReturnType<typeof currentSchema>["fields"];
type Change = (fields: Fields) => readonly unknown[];

const metadataOf = async (table: Table) => {
  const { iceberg } = await table.snapshot();
  const found = await table.store.get(iceberg!.metadataKey);
  return parseMetadata("it", found.kind === "found" ? found.body : new Uint8Array());
};

/** As engines say it. */
async function alter(
  table: Table,
  change: Change,
  more: readonly TableUpdate[] = [],
): Promise<IcebergCommitOutcome> {
  const metadata = await metadataOf(table);
  const schema = currentSchema(metadata);
  const fields = change(schema.fields) as Fields;
  return await table.commitIceberg({
    requirements: [{ type: "assert-current-schema-id", "current-schema-id": schema["schema-id"] }],
    updates: [
      { action: "add-schema", schema: { ...schema, fields } },
      { action: "set-current-schema", "schema-id": -1 },
      ...more,
    ],
  });
}

const with_ =
  (name: string, part: object): Change =>
  (fields) =>
    fields.map((field) => (field.name === name ? { ...field, ...part } : field));
const without =
  (name: string): Change =>
  (fields) =>
    fields.filter((field) => field.name !== name);

/** The same rows from both sides. */
async function rows(table: Table): Promise<string[]> {
  const own = await lake.rows(table);
  const iceberg = await readIcebergSnapshot(table.store, (await table.snapshot()).iceberg!.metadataKey);
  const found = await lake.session.rows<{ row: string }>(
    `SELECT to_json(t)::VARCHAR AS row FROM ${await scan(lake.session, iceberg)} AS t ORDER BY row`,
  );
  expect(found.map(({ row }) => row)).toEqual(own);
  return own;
}

async function keys(store: Store, folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of store.list(`${folder}/`)) found.push(key);
  return found;
}

let made = 0;
const make = (queries: readonly string[], properties = {}): Promise<Table> =>
  lake.make(`columns/t${made++}`, queries, { properties });

test("columns are renamed, swapped and widened, also within others, in one commit with their files", async () => {
  const table = await make([
    "SELECT 1::INTEGER AS a, 2::INTEGER AS b, 1.25::DECIMAL(12,2) AS d, {'x': 1::INTEGER, 'y': 'n'} AS s, [1::INTEGER] AS l",
    "SELECT 3::INTEGER AS a",
  ]);
  await table.delete(lake.session, { where: "a = 3" });
  await append(lake.session, table, "SELECT 5::INTEGER AS a, 6::INTEGER AS b");
  const { version } = await table.snapshot();
  const before = await metadataOf(table);
  const outcome = await alter(table, (fields) =>
    fields.map((field) => {
      switch (field.name) {
        case "a":
          return { ...field, name: "b", type: "long" };
        case "b":
          return { ...field, name: "a" };
        case "d":
          return { ...field, type: "decimal(14, 2)" };
        case "s": {
          const type = field.type as { fields: Fields };
          return {
            ...field,
            type: { ...type, fields: with_("x", { name: "z", type: "long" })(type.fields) },
          };
        }
        default:
          return { ...field, type: { ...(field.type as object), element: "long" } };
      }
    }),
  );
  expect(outcome).toMatchObject({ kind: "committed", iceberg: { version: version + 1 } });
  expect(await rows(table)).toEqual([
    '{"b":1,"a":2,"d":1.25,"s":{"z":1,"y":"n"},"l":[1]}',
    '{"b":5,"a":6,"d":null,"s":null,"l":null}',
  ]);
  const { schema, protocol } = await table.snapshot();
  expect(schema.fields.map(({ id, name, type }) => [id, name, type]).slice(0, 3)).toEqual([
    [1, "b", "long"],
    [2, "a", "integer"],
    [3, "d", { kind: "decimal", precision: 14, scale: 2 }],
  ]);
  expect(protocol.minReaderVersion).toBe(1);
  const after = await metadataOf(table);
  expect(after.snapshots.at(-1)!.summary["operation"]).toBe("replace");
  expect(after.schemas).toHaveLength(before.schemas.length + 1);
  const [newest] = await table.history({ limit: 1 });
  expect(newest).toMatchObject({ operation: "CHANGE COLUMNS" });
  // Versions before are as they were.
  expect(await lake.rows(table, version)).toContain('{"a":1,"b":2,"d":1.25,"s":{"x":1,"y":"n"},"l":[1]}');
  await append(lake.session, table, "SELECT 7::BIGINT AS b");
  expect(await rows(table)).toHaveLength(3);
});

test("a column is dropped, and a new one of its name has none of its values", async () => {
  const table = await make(["SELECT 1 AS id, 'old' AS note", "SELECT 2 AS id, 'older' AS note"]);
  await alter(table, without("note"));
  const dropped = await table.snapshot();
  expect(await rows(table)).toEqual(['{"id":1}', '{"id":2}']);
  const last = (await metadataOf(table))["last-column-id"];
  const back = { id: last + 1, name: "note", required: false, type: "string" };
  await alter(table, (fields) => [...fields, back]);
  expect(await rows(table)).toEqual(['{"id":1,"note":null}', '{"id":2,"note":null}']);
  const now = await table.snapshot();
  expect(now.version).toBe(dropped.version + 1);
  // Dropped and added at once.
  await append(lake.session, table, "SELECT 3 AS id, 'new' AS note");
  await alter(table, (fields) => [...without("note")(fields), { ...back, id: last + 2, type: "long" }]);
  expect(await rows(table)).toEqual([1, 2, 3].map((id) => `{"id":${id},"note":null}`));
});

test("an identifying column stays one under its new name, and no manifest has its values", async () => {
  const table = await make(["SELECT 1 AS id, 'a@example.org' AS email"], {
    "onecopy.identifying-columns": '["email"]',
  });
  await alter(table, with_("email", { name: "mail" }));
  const { properties, files } = await table.snapshot();
  expect([...identifyingColumns(properties)]).toEqual(["mail"]);
  expect([...files].map(({ stats }) => stats).join()).not.toContain("@");
  expect((await metadataOf(table)).properties).toMatchObject({
    "write.metadata.metrics.column.mail": "counts",
  });
});

test("a column takes nulls from then on, without a file written again", async () => {
  const table = await make(["SELECT 1 AS id, 2 AS n"]);
  await table.evolve(lake.session, [{ kind: "set-nullable", path: ["n"], nullable: false }]);
  const before = [...(await table.snapshot()).files].map(({ path }) => path);
  await alter(table, with_("n", { required: false }));
  expect([...(await table.snapshot()).files].map(({ path }) => path)).toEqual(before);
  await append(lake.session, table, "SELECT 2 AS id, NULL::INTEGER AS n");
  expect(await rows(table)).toHaveLength(2);
});

test.each([
  ["a limit", { "onecopy.rewrite-limit-bytes": "10" }, with_("n", { name: "m" }), /limit is 10 bytes/],
  ["a type that is another one", {}, with_("n", { type: "string" }), /n gets another type/],
  ["a narrower type", {}, with_("big", { type: "int" }), /big gets another type/],
  ["a column that refuses nulls", {}, with_("n", { required: true }), /n refuses nulls now/],
  ["a partition column's new name", {}, with_("id", { name: "key" }), /partitioned by id/],
])("%s is refused, and leaves nothing behind", async (_what, properties, change, why) => {
  const folder = `columns/t${made++}`;
  const table = await lake.make(folder, ["SELECT 1 AS id, 2 AS n, 3::BIGINT AS big"], {
    properties,
    partitionBy: ["id"],
  });
  const before = await keys(table.store, folder);
  await expect(alter(table, change)).rejects.toThrow(why);
  expect(await keys(table.store, folder)).toEqual(before);
});

test.each<[string, Change, RegExp]>([
  ["renamed", with_("n", { name: "m" }), /was called n, and/],
  ["made longer", with_("n", { type: "long" }), /n was an int, and/],
  ["given more digits", with_("d", { type: "decimal(14, 2)" }), /d was a decimal of 12 digits, and/],
  [
    "dropped, and its name given to another",
    (fields) => [...without("n")(fields), { ...fields[0]!, id: 9 }],
    /n was another column/,
  ],
])("the files of before a column was %s do not come back by a rollback", async (_what, change, why) => {
  const table = await make(["SELECT 1::INTEGER AS n, 1.25::DECIMAL(12,2) AS d"]);
  const { snapshots } = await metadataOf(table);
  await alter(table, change);
  const back: TableUpdate = {
    action: "set-snapshot-ref",
    "ref-name": "main",
    type: "branch",
    "snapshot-id": snapshots.at(-1)!["snapshot-id"],
  };
  await expect(table.commitIceberg({ requirements: [], updates: [back] })).rejects.toThrow(why);
});

test("rows that come in meanwhile are in the files that are written again", async () => {
  const table = await make(["SELECT 1 AS id, 'x' AS note"]);
  const race = meanwhile(table, () => append(lake.session, table, "SELECT 2 AS id, 'y' AS note"));
  expect(await alter(race, with_("note", { name: "text" }))).toMatchObject({ kind: "committed" });
  expect(await rows(table)).toEqual(['{"id":1,"text":"x"}', '{"id":2,"text":"y"}']);
  const named = [...(await table.snapshot()).files].map(({ path }) => `${table.folder}/${path}`);
  const data = (await keys(table.store, table.folder)).filter((key) => key.includes("/data/"));
  // Those of before are there for older versions; those of the attempt that lost are gone.
  expect(data).toHaveLength(named.length + 2);
});

test("an append of OneCopy's that was under way under the old name is a conflict", async () => {
  const table = await make(["SELECT 1 AS id, 'x' AS note"]);
  const late = meanwhile(table, () => alter(table, with_("note", { name: "text" })));
  expect(
    await late.write(lake.session, { mode: "append", query: "SELECT 2 AS id, 'y' AS note" }),
  ).toMatchObject({ kind: "conflict", reason: expect.stringContaining("note") });
});
