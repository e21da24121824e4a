import { readFileSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { schemaOf } from "../../../src/schema/index.ts";
import type { Table, TableChange, TableDefinition } from "../../../src/table/index.ts";
import { type ServedProject, servedProject } from "../../bridge/served-project.ts";
import { only, ownRows } from "../table/healed.ts";
import { deltaRs } from "../table/python.ts";
import { Readers, type Rows, sorted } from "../table/readers.ts";
import { type ValueColumn, nestedColumns, rowsOf, scalarColumns } from "../table/values.ts";
import { type Found, Trino, hasTrino } from "./trino.ts";

let served: ServedProject;
let trino: Trino;

const formats = ["delta", "iceberg"] as const;

/** A table `t.<name>`, which Trino finds in both catalogs. */
async function make(name: string, query: string, options: Partial<TableDefinition> = {}): Promise<Table> {
  const schema = schemaOf(await served.session.describe(query));
  return await known(name, await served.catalog.create(`t.${name}`, { schema, ...options }));
}

async function known(name: string, table: Table): Promise<Table> {
  await trino.register(name, folderOf(table));
  return table;
}

const folderOf = (table: Table): string => table.store.locate(table.folder);
const append = async (table: Table, ...queries: readonly string[]): Promise<void> => {
  for (const query of queries)
    expect(await table.write(served.session, { mode: "append", query })).toMatchObject({ kind: "committed" });
};

async function read(format: (typeof formats)[number], name: string, rest = ""): Promise<Found> {
  return await trino.sql(`SELECT * FROM ${format}.t.${name} ${rest}`);
}

/** The newest version is what OneCopy reads, in both formats. */
async function expectOwn(name: string, table: Table, step = ""): Promise<void> {
  const own = await ownRows(served, table);
  for (const format of formats)
    expect({ step, format, ...only(await read(format, name), own.columns) }).toEqual({
      step,
      format,
      ...own,
    });
}

/** Every version that has the newest one's columns is what OneCopy reads, asked for as Trino's time travel. */
async function expectEveryVersion(
  name: string,
  table: Table,
  looked: readonly (typeof formats)[number][] = formats,
): Promise<void> {
  const newest = await table.snapshot();
  const { columns } = await ownRows(served, table);
  const expected: Rows = [];
  const versions: number[] = [];
  for (let version = 1; version <= newest.version; version++) {
    const own = await ownRows(served, table, version);
    if (own.columns.join() !== columns.join()) continue;
    versions.push(version);
    expected.push(...own.rows.map((row) => [String(version), ...row]));
  }
  for (const format of looked) {
    const each = versions.map(async (version) => {
      const id = format === "delta" ? version : await icebergSnapshot(table, version);
      return `SELECT ${version}, ${columns.join(", ")} FROM ${format}.t.${name} FOR VERSION AS OF ${id}`;
    });
    const { rows } = await trino.sql((await Promise.all(each)).join(" UNION ALL "));
    expect({ format, rows }).toEqual({ format, rows: sorted(expected) });
  }
}

async function icebergSnapshot(table: Table, version: number): Promise<number> {
  const { iceberg } = await table.snapshot(version);
  const metadata = readFileSync(table.store.locate(iceberg!.metadataKey), "utf8");
  return (JSON.parse(metadata) as Record<string, number>)["current-snapshot-id"]!;
}

/** Every file looks as if it was written long ago; the commits were not. */
function age(folder: string): void {
  const then = Date.now() / 1000 - 60 * 86_400;
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" }))
    if (!name.startsWith("_delta_log")) utimesSync(join(folder, name), then, then);
}

/** Each condition finds that many rows. */
async function expectCounts(
  format: (typeof formats)[number],
  name: string,
  expected: Readonly<Record<string, number>>,
): Promise<void> {
  const conditions = Object.keys(expected);
  const each = conditions.map((where, i) => `SELECT ${i}, count(*) FROM ${format}.t.${name} WHERE ${where}`);
  const { rows } = await trino.sql(each.join(" UNION ALL "));
  const found = Object.fromEntries(rows.map(([i, count]) => [conditions[Number(i)]!, Number(count)]));
  expect({ format, ...found }).toEqual({ format, ...expected });
}

/** A condition for each row that says what every column holds, so that a bound that is wrong in any of them loses the row. */
function wholeRows(
  format: (typeof formats)[number],
  columns: readonly ValueColumn[],
): Record<string, number> {
  const conditions = columns[0]![2].map((_, r) =>
    columns.flatMap(([name, type, values]) => {
      const text = values[r]![1];
      if (text === null) return `"${name}" IS NULL`;
      if (text === "nan") return `is_nan("${name}")`;
      return format === "delta" && inMilliseconds[text] !== undefined
        ? []
        : `"${name}" = ${literal(text, type)}`;
    }),
  );
  return Object.fromEntries(conditions.map((all) => [all.join(" AND "), 1]));
}

/** What Trino calls the engine's types. */
const trinoTypes: Readonly<Record<string, string>> = {
  FLOAT: "real",
  TIMESTAMPTZ: "timestamp(6) with time zone",
  TIMESTAMP: "timestamp(6)",
};

/** A canonical text as a value of Trino's. */
function literal(text: string, type: string): string {
  if (type === "BLOB") return `X'${text}'`;
  const stated =
    text.replace(/^(\d{4}-\d\d-\d\d)T(\S+)( \(no zone\))?$/, "$1 $2") +
    (type === "TIMESTAMPTZ" ? " UTC" : "");
  const numbers: Readonly<Record<string, string>> = { inf: "Infinity", "-inf": "-Infinity" };
  return `CAST('${(numbers[text] ?? stated).replaceAll("'", "''")}' AS ${trinoTypes[type] ?? type})`;
}

/** Trino's Delta connector has timestamps with a zone in milliseconds, and rounds to them. */
const inMilliseconds: Readonly<Record<string, string>> = {
  "9999-12-31T23:59:59.999999": "+10000-01-01T00:00:00.000000",
  "1969-12-31T23:59:59.000001": "1969-12-31T23:59:59.000000",
  "2020-01-01T00:00:00.123456": "2020-01-01T00:00:00.123000",
};

/** A partition's timestamp it cuts to them. */
const inPartition = (text: string): string => text.replace(/(T\d\d:\d\d:\d\d\.\d{3})\d{3}$/, "$1000");

/** Rows as Trino gives them. */
function asIn(format: (typeof formats)[number], rows: Rows): Rows {
  if (format === "iceberg") return sorted(rows);
  const rounded = (text: string): string =>
    Object.entries(inMilliseconds).reduce((all, [exact, to]) => all.replace(exact, to), text);
  return sorted(rows.map((row) => row.map((text) => text && rounded(text))));
}

/** Instead of the empty text, which cannot name a partition. */
const awkward = ["'a b/c%2F=+?[x]*é🐎'", "a b/c%2F=+?[x]*é🐎"] as const;

describe.runIf(hasTrino)("Trino reads both formats", { timeout: 300_000 }, () => {
  beforeAll(async () => {
    served = await servedProject();
    const token = await served.token("reader", "admin");
    trino = await Trino.open({ url: `${served.server.url}/iceberg`, token });
  }, 300_000);
  afterAll(async () => {
    await trino?.close();
    await served?.close();
  });

  test("every type with its extremes, and every value is found by a filter on it", async () => {
    const { queries, rows } = rowsOf(scalarColumns);
    await append(await make("types", queries[0]!), ...queries);
    for (const format of formats) {
      expect({ format, ...(await read(format, "types")) }).toEqual({
        format,
        columns: scalarColumns.map(([name]) => name),
        rows: asIn(format, rows),
      });
      await expectCounts(format, "types", {
        ...wholeRows(format, scalarColumns),
        [`ts = ${literal("1969-12-31T23:59:59.000001", "TIMESTAMPTZ")}`]: format === "delta" ? 0 : 1,
      });
    }
  });

  test("NaN, infinities, zeros of both signs and decimals of many digits are not lost to bounds", async () => {
    const values = ["'nan'", "'inf'", "'-inf'", "'-0.0'", "0", "5", "NULL"];
    const queries = values.map(
      (value) => `SELECT CAST(${value} AS DOUBLE) AS d, CAST(${value} AS FLOAT) AS f`,
    );
    const decimals = [
      "-12345678901234.5678",
      "12345678901234.5678",
      "99999999999999.9999",
      "123456789012345.678",
    ].map(
      (one, i) =>
        `SELECT ${one}::DECIMAL(${i === 3 ? 38 : 18},${i === 3 ? 3 : 4}) AS ${i === 3 ? "long" : "short"}`,
    );
    await append(
      await make("numbers", queries[0]!),
      ...queries,
      "SELECT unnest(['nan'::DOUBLE, 5]) AS d, 7::FLOAT AS f",
    );
    await append(
      await make("decimals", "SELECT 1::DECIMAL(18,4) AS short, 1::DECIMAL(38,3) AS long"),
      ...decimals,
    );
    for (const format of formats) {
      await expectCounts(format, "numbers", {
        ...{ "is_nan(d)": 2, "is_nan(f)": 1, "d = 0": 2, "f = 0": 2, "d IS NULL": 1, "d > 100": 1 },
        ...{ "d < -100": 1, "d = 5": 2, "f = REAL '7'": 2 },
      });
      await expectCounts(format, "decimals", {
        "short = DECIMAL '-12345678901234.5678'": 1,
        "short = DECIMAL '12345678901234.5678'": 1,
        "short >= DECIMAL '99999999999999.9999'": 1,
        "long = DECIMAL '123456789012345.678'": 1,
      });
    }
  });

  test("lists, maps and structs in each other; timestamps without a zone", async () => {
    const { queries, rows } = rowsOf(nestedColumns);
    await append(await make("nested", queries[0]!), ...queries);
    const zoned = schemaOf(await served.session.describe("SELECT 1 AS id, TIMESTAMP '2020-01-01' AS n"));
    const schema = JSON.parse(
      JSON.stringify(zoned).replace('"timestamp"', '"timestamp_ntz"'),
    ) as typeof zoned;
    const moments = ["9999-12-31 23:59:59.999999", "1969-12-31 23:59:59.000001"];
    await append(
      await known("ntz", await served.catalog.create("t.ntz", { schema })),
      ...moments.map((moment, i) => `SELECT ${i} AS id, TIMESTAMP '${moment}' AS n`),
    );
    for (const format of formats) {
      expect({ format, ...(await read(format, "nested")) }).toEqual({
        format,
        columns: nestedColumns.map(([name]) => name),
        rows: asIn(format, rows),
      });
      await expectCounts(format, "nested", { "st.a = -5": 1, "st.n.d < 0": 1, "st IS NULL": 1 });
      expect({ format, ...(await read(format, "ntz")) }).toEqual({
        format,
        columns: ["id", "n"],
        rows: moments.map((moment, i) => [String(i), `${moment.replace(" ", "T")} (no zone)`]),
      });
      await expectCounts(format, "ntz", {
        [`n = TIMESTAMP '${moments[0]}'`]: 1,
        [`n <= TIMESTAMP '${moments[1]}'`]: 1,
      });
    }
  });

  test("partitions of every type, with the null partition", async () => {
    const columns = scalarColumns
      .filter(([, type]) => !["FLOAT", "DOUBLE", "BLOB"].includes(type))
      .map(([name, type, values]): ValueColumn => [
        name,
        type,
        values.map((value) => (value[1] === "" ? awkward : value)),
      ]);
    const { queries, rows } = rowsOf(columns);
    const partitionBy = columns.map(([name]) => name).filter((name) => name !== "long text");
    const table = await make("parts", queries[0]!, { partitionBy });
    await append(table, queries.join(" UNION ALL "));
    for (const format of formats) {
      expect({ format, ...(await read(format, "parts")) }).toEqual({
        format,
        columns: columns.map(([name]) => name),
        rows:
          format === "delta"
            ? sorted(rows.map((row) => row.map((text) => text && inPartition(text))))
            : sorted(rows),
      });
      await expectCounts(format, "parts", wholeRows(format, columns));
    }
  });

  test("control: a bound that is wrong loses the row, so Trino did use the bounds above", async () => {
    const table = await served.catalog.create("t.control", {
      schema: schemaOf(await served.session.describe("SELECT 1::BIGINT AS l")),
    });
    await append(table, "SELECT 123456789::BIGINT AS l");
    const folder = folderOf(table);
    const commit = join(folder, "_delta_log/00000000000000000001.json");
    writeFileSync(commit, readFileSync(commit, "utf8").replaceAll("123456789", "223456789"));
    const name = readdirSync(join(folder, "_iceberg")).find((one) => one.endsWith("-m.avro"))!;
    const [right, wrong] = [123456789n, 223456789n].map((value) => {
      const bytes = Buffer.alloc(8);
      bytes.writeBigInt64LE(value);
      return bytes.toString("latin1");
    });
    const manifest = readFileSync(join(folder, "_iceberg", name)).toString("latin1");
    writeFileSync(join(folder, "_iceberg", name), Buffer.from(manifest.replaceAll(right!, wrong!), "latin1"));
    await known("control", table);
    for (const format of formats) await expectCounts(format, "control", { "l = 123456789": 0, true: 1 });
  });

  const rowsWith = (...ids: number[]): string =>
    `SELECT i::BIGINT AS id, CASE WHEN i % 3 > 0 THEN 'p' || i % 3 END AS part, 'n' || i AS name FROM (SELECT unnest([${ids.join(",")}]) AS i)`;

  /** Files that came and went in every way that there is. */
  async function change(table: Table): Promise<void> {
    const { session } = served;
    await append(table, rowsWith(1, 2, 3, 4), rowsWith(5, 6, 7, 8));
    for (const outcome of [
      await table.delete(session, { where: "id IN (2, 6)" }),
      await table.delete(session, { where: "id = 5" }),
      await table.update(session, { where: "id = 3", set: { name: "'changed'" } }),
      await table.merge(session, { query: rowsWith(4, 9), on: ["id"] }),
      await table.write(session, { mode: "overwrite", query: rowsWith(1), replace: { where: "id = 1" } }),
    ])
      expect(outcome).toMatchObject({ kind: "committed" });
    await table.compact(session);
    await append(table, rowsWith(20, 21));
    await table.delete(session, { where: "part IS NULL AND id > 9" });
  }

  test.each([
    ["copies", {}, []],
    ["copies_in_parts", {}, ["part"]],
    ["vectors", { "delta.enableDeletionVectors": "true" }, []],
    ["vectors_in_parts", { "delta.enableDeletionVectors": "true" }, ["part"]],
  ] as const)(
    "%s: rows that are deleted, updated, merged, replaced and compacted, at every version",
    async (name, properties, partitionBy) => {
      const table = await make(name, rowsWith(1), { properties, partitionBy });
      await change(table);
      await expectOwn(name, table);
      await expectEveryVersion(name, table);
    },
  );

  test("columns that are added, dropped, renamed, widened and come back, nested ones too; restored and replaced", async () => {
    const first =
      "SELECT 1::INTEGER AS id, 'a' AS name, 0.5::FLOAT AS f, 1.25::DECIMAL(9,2) AS d, {'a': 1, 'b': 'x'} AS s";
    const { session } = served;
    const table = await make("evolved", first);
    await append(table, first);
    const steps: (readonly TableChange[] | string)[] = [
      [
        { kind: "add", path: ["late"], type: "date", position: { after: "id" } },
        { kind: "move", path: ["d"], position: "first" },
        { kind: "add", path: ["s", "c"], type: "long" },
      ],
      "SELECT 2 AS id, DATE '2020-01-01' AS late, 'b' AS name, {'a': 2, 'b': 'y', 'c': 3} AS s",
      [
        { kind: "drop", path: ["name"] },
        { kind: "drop", path: ["s", "a"] },
      ],
      [
        { kind: "widen", path: ["f"], type: "double" },
        { kind: "widen", path: ["d"], type: { kind: "decimal", precision: 20, scale: 2 } },
        { kind: "widen", path: ["id"], type: "long" },
      ],
      [
        { kind: "rename", path: ["id"], to: "key" },
        { kind: "rename", path: ["s", "b"], to: "text" },
      ],
      "SELECT 5000000000 AS key, 123456789012345.25 AS d, 0.1::DOUBLE AS f",
      [
        { kind: "add", path: ["name"], type: "long" },
        { kind: "add", path: ["s", "a"], type: "string" },
      ],
    ];
    for (const [i, step] of steps.entries()) {
      if (typeof step === "string") await append(table, step);
      else expect(await table.evolve(session, step)).toMatchObject({ kind: "committed" });
      await expectOwn("evolved", table, `step ${i}`);
    }
    for (const format of formats) {
      expect({ format, ...(await read(format, "evolved")) }).toEqual({
        format,
        columns: ["d", "key", "late", "f", "s", "name"],
        rows: [
          ["1.25", "1", null, "0.5", '{"text":"x","c":null,"a":null}', null],
          ["123456789012345.25", "5000000000", null, "0.1", null, null],
          [null, "2", "2020-01-01", null, '{"text":"y","c":"3","a":null}', null],
        ],
      });
      await expectCounts(format, "evolved", {
        "late IS NULL": 2,
        "d > 2": 1,
        "key = 1": 1,
        "s.text = 'y'": 1,
        "name > 0": 0,
      });
    }
    expect(await table.restore({ version: 3 })).toMatchObject({ kind: "committed" });
    await expectOwn("evolved", table, "restored");
    const definition = {
      schema: schemaOf([
        { name: "name", type: "BIGINT" },
        { name: "day", type: "DATE" },
      ]),
      partitionBy: ["day"],
    };
    await table.replace(session, definition, "SELECT 7::BIGINT AS name, DATE '2020-01-02' AS day");
    await append(table, "SELECT 8 AS name, DATE '2020-01-03' AS day");
    await expectOwn("evolved", table, "replaced");
    await table.restore({ version: 1 });
    await expectOwn("evolved", table, "restored to what it was before");
  });

  test("a shallow clone, by its absolute paths on the Delta side", async () => {
    const source = await make("source", rowsWith(1));
    await append(source, rowsWith(1, 2, 3), rowsWith(4, 5));
    await served.catalog.clone("t.source", "t.clone");
    const clone = await known("clone", (await served.catalog.find("t.clone"))!);
    await append(clone, rowsWith(6));
    await clone.delete(served.session, { where: "id = 2" });
    await expectOwn("clone", clone);
    await expectEveryVersion("clone", clone);
    await expectOwn("source", source);
  });

  test("what delta-rs changed, after healing", async () => {
    const rows = `SELECT i::BIGINT AS id, 'n' || i AS name, i / 3 AS f, TIMESTAMPTZ '2020-01-01 00:00:00Z' AS at,
      i::DECIMAL(18,2) AS amount, DATE '2020-01-01' AS day FROM range(4) r(i)`;
    const table = await make("healed", rows);
    await append(table, rows);
    await deltaRs(folderOf(table), "append", "update", "delete", "merge", "compact");
    expect(await table.heal()).toMatchObject({ blocked: undefined });
    await expectOwn("healed", table);
    await expectEveryVersion("healed", table);
  });

  test("expire_snapshots refuses; remove_orphan_files leaves every version of both formats", async () => {
    const table = await make("orphans", rowsWith(1));
    await change(table);
    const folder = folderOf(table);
    age(folder);
    writeFileSync(join(folder, "data/nobody-names-it.parquet"), "");
    const execute = async (what: string): Promise<unknown> =>
      await trino.sql(`ALTER TABLE iceberg.t.orphans EXECUTE ${what}(retention_threshold => '0s')`, {
        [`iceberg.${what}_min_retention`]: "0s",
      });
    await expect(execute("expire_snapshots")).rejects.toThrow(/GC is disabled/);
    await execute("remove_orphan_files");
    expect(readdirSync(join(folder, "data"))).not.toContain("nobody-names-it.parquet");
    await expectOwn("orphans", table);
    await expectEveryVersion("orphans", table);
  });

  test("a table that names a location provider of its own is read by all, and left alone by Trino's maintenance", async () => {
    const properties = { "write.location-provider.impl": "none.but.OneCopy" };
    const table = await make("guarded", rowsWith(1), { properties });
    await append(table, rowsWith(1, 2, 3));
    for (const what of ["remove_orphan_files", "expire_snapshots", "optimize"])
      await expect(trino.sql(`ALTER TABLE iceberg.t.guarded EXECUTE ${what}`)).rejects.toThrow(
        /location provider/,
      );
    await expectOwn("guarded", table);
    const readers = new Readers();
    const { iceberg } = await table.snapshot();
    const metadata = `file://${table.store.locate(iceberg!.metadataKey)}`;
    const names = ["pyiceberg", "duckdb_iceberg", "polars_iceberg"];
    const request = { delta: folderOf(table), version: null, metadata, filter: null, readers: names };
    const answers = await readers.read(request);
    await readers.close();
    const own = await ownRows(served, table);
    for (const name of names) expect({ name, ...answers[name] }).toEqual({ name, ...own });
  });

  test("VACUUM takes the Iceberg side along; the next upkeep writes it anew", async () => {
    const table = await make("vacuumed", rowsWith(1), { partitionBy: ["part"] });
    await change(table);
    const folder = folderOf(table);
    age(folder);
    const versions = (await table.snapshot()).version;
    await append(table, rowsWith(30));
    await trino.sql("CALL delta.system.vacuum('t', 'vacuumed', '7d')");
    await expectEveryVersion("vacuumed", table, ["delta"]);
    await expect(read("iceberg", "vacuumed")).rejects.toThrow(/Manifest|manifest|Metadata|exist/);
    expect(await table.maintain(served.session)).toMatchObject({
      version: versions + 2,
      done: [expect.stringContaining("written anew")],
      alerts: [],
    });
    await expectOwn("vacuumed", table, "after upkeep");
    await append(table, rowsWith(31, 32));
    await table.delete(served.session, { where: "id = 1" });
    await expectOwn("vacuumed", table, "after more writes");
    await expectEveryVersion("vacuumed", table, ["delta"]);
    await expect(trino.sql("CALL delta.system.vacuum('t', 'vectors', '7d')")).rejects.toThrow(
      /Cannot execute vacuum procedure with deletionVectors/,
    );
  });
});
