import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../../../src/base/index.ts";
import { applyRevision } from "../../../src/project/index.ts";
import { schemaOf } from "../../../src/schema/index.ts";
import { type Rule, compileSegment } from "../../../src/segment/index.ts";
import { scan } from "../../../src/table/index.ts";
import { type ServedProject, servedProject } from "../../bridge/served-project.ts";
import { Spark } from "../spark/spark.ts";
import { Trino, hasTrino } from "../trino/trino.ts";

/* Each segment is a view in the catalog: engines that read it get exactly the people that OneCopy itself selects. */

const timeout = 600_000;
const python = new URL("../../../.venv/bin/python", import.meta.url).pathname;

/** Values of each type that engines could differ about; the last of each is null. */
const values: Readonly<Record<string, readonly (string | null)[]>> = {
  orders: ["0", "-1", "3", "2147483648", "9007199254740993", null],
  visits: ["0", "-7", "3", "2147483647", null],
  revenue: ["0.00", "-0.01", "12.50", "1234567890123456789012345678901234.56", null],
  score: ["'nan'", "'inf'", "'-inf'", "'-0.0'", "0.1", "12.5", "1e300", "3", null],
  weight: ["'nan'", "'-0.0'", "0.1", "16777216", "12.5", null],
  city: [
    ...[
      "Bonn",
      "bonn",
      "Köln",
      "",
      "O''Hare",
      "\\",
      "\\n",
      "a\\'||chr(10)||'b",
      "${user.name}",
      "%",
      "_",
      "北京🐎",
    ].map((text) => `'${text}'`),
    null,
  ],
  member: ["true", "false", null],
  joined: [
    "DATE '0001-01-01'",
    "DATE '1969-12-31'",
    "DATE '9999-12-31'",
    "today",
    "today - 29",
    "today - 30",
    null,
  ],
  seen: [
    "TIMESTAMPTZ '1969-12-31 23:59:59.999999+00'",
    "TIMESTAMPTZ '9999-12-31 23:59:59.999999+00'",
    "TIMESTAMPTZ '2026-03-29 00:30:00+00'",
    "TIMESTAMPTZ '2026-03-29 12:00:00.000001+00'",
    "timezone('UTC', CAST(today AS TIMESTAMP))",
    "timezone('UTC', CAST(today AS TIMESTAMP)) - INTERVAL 1 MICROSECOND",
    "timezone('UTC', CAST(today - 29 AS TIMESTAMP))",
    "timezone('UTC', CAST(today - 29 AS TIMESTAMP)) - INTERVAL 1 MICROSECOND",
    null,
  ],
};
const types: Readonly<Record<string, string>> = {
  orders: "BIGINT",
  visits: "INTEGER",
  revenue: "DECIMAL(38,2)",
  score: "DOUBLE",
  weight: "FLOAT",
  city: "VARCHAR",
  member: "BOOLEAN",
  joined: "DATE",
  seen: "TIMESTAMPTZ",
};

/** One person for each value of each attribute; what else they have comes from the other lists, in turn. */
const people = ((): string => {
  const day = new Date().toISOString().slice(0, 10);
  const rows = Object.entries(values).flatMap(([attribute, list], a) =>
    list.map((value, i) => {
      const cells = Object.entries(values).map(([other, others], o) => {
        const one = other === attribute ? value : others[(i * (o + 3) + a) % others.length]!;
        const said = one?.replaceAll("today", `DATE '${day}'`) ?? "NULL";
        return `CAST(${said} AS ${types[other]}) AS ${other}`;
      });
      return `SELECT '${attribute}-${i}' AS profile_id, ${cells.join(", ")}`;
    }),
  );
  return rows.join(" UNION ALL ");
})();

const numbers = [0, -0, -1, 3, 12.5, 0.1, -0.01, 1e-7, 2147483648, 16777217, 0.1 + 0.2];
const texts = ["Bonn", "", "O'Hare", "\\", "\\n", "a\\'\nb", "${user.name}", "%", "_", "北京🐎", "K"];
const days = ["1969-12-31", "2026-03-29", "9999-12-31", new Date().toISOString().slice(0, 10)];
const moments = ["1970-01-01T00:00:00Z", "2026-03-29T02:30:00+02:00", "2026-03-29T12:00:00.000001Z"];

const ordered = ["=", "!=", "<", "<=", ">", ">="] as const;
const conditions = (attribute: string, list: readonly (string | number)[]) => [
  ...ordered.flatMap((op) => list.map((value) => ({ attribute, op, value }))),
  ...(["in", "not_in"] as const).map((op) => ({ attribute, op, value: list })),
];
/** Every operator of every kind. */
const single: readonly Rule[] = [
  ...["orders", "visits", "revenue", "score", "weight"].flatMap((name) => conditions(name, numbers)),
  ...conditions("city", texts).filter(({ op }) => !/[<>]/.test(op)),
  ...texts.flatMap((value) =>
    (["contains", "starts_with"] as const).map((op) => ({ attribute: "city", op, value })),
  ),
  { attribute: "member", op: "=", value: true },
  { attribute: "member", op: "!=", value: true },
  ...conditions("joined", days),
  ...conditions("seen", [...days, ...moments]),
  ...["joined", "seen"].flatMap((attribute) =>
    (["within_days", "before_days"] as const).flatMap((op) =>
      [1, 30, 100_000].map((value) => ({ attribute, op, value })),
    ),
  ),
  ...Object.keys(values).flatMap((attribute) =>
    (["is_null", "is_not_null"] as const).map((op) => ({ attribute, op })),
  ),
] as Rule[];
const nested: fc.Arbitrary<Rule> = fc.letrec<{ rule: Rule }>((tie) => {
  const several = fc.array(tie("rule"), { minLength: 1, maxLength: 3 });
  return {
    rule: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      fc.constantFrom(...single),
      several.map((all): Rule => ({ all })),
      several.map((any): Rule => ({ any })),
      several.map((none): Rule => ({ none })),
    ),
  };
}).rule;
const rules: readonly Rule[] = [...single, ...fc.sample(nested, { seed: 8, numRuns: 40 })];
const segments = Object.fromEntries(rules.map((rule, i) => [`s${i}`, { rule }]));

let served: ServedProject;
/** Reads `analytics`, a share that has the people. */
let alice: string;
let expected: Found;

beforeAll(async () => {
  served = await servedProject({ lake: "./lake" });
  const { project, catalog, session } = served;
  const schema = schemaOf(await session.describe(people));
  const table = (await catalog.find("unified.customer_360"))!;
  await table.replace(session, { schema }, people);
  await applyRevision(
    project.state,
    {
      ...project.config,
      segments: { ...segments, broken: { rule: { attribute: "gone", op: "is_null" } } },
      shares: {
        analytics: { tables: ["unified.customer_360"], recipients: ["alice"] },
        orders: { tables: ["unified.orders"], recipients: ["bob"] },
      },
    },
    { author: "test", message: "", clock: systemClock },
  );
  alice = await served.token("alice");
  const snapshot = await table.snapshot();
  const population = {
    relation: await scan(session, snapshot),
    columns: await session.describe(people),
    identifying: [],
  };
  const today = new Date().toISOString().slice(0, 10);
  const each = rules.map(
    (rule, i) => `SELECT 's${i}' AS s, profile_id FROM (${compileSegment(rule, population, today)})`,
  );
  const rows = await session.rows<{ s: string; profile_id: string }>(each.join(" UNION ALL "));
  expected = bySegment(rows.map(({ s, profile_id }) => [s, profile_id]));
}, timeout);
afterAll(() => served.close());

type Ask = (query: string) => Promise<readonly (readonly (string | null)[])[]>;

/**
 * Asks an engine for the people of each segment: of a few by their views, of some more by the views' SQL, and of all by
 * the views' conditions, many in one query, since engines take a while for each. `catalog`: its name, before others.
 */
async function expectSamePeople(engine: Ask, dialect: string, catalog: string): Promise<void> {
  const sqlOf = async (name: string): Promise<string> => {
    const answer = await served.get(`/iceberg/v1/analytics/namespaces/segments/views/${name}`, alice);
    const { metadata } = (await answer.json()) as {
      metadata: { versions: { representations: { dialect: string; sql: string }[] }[] };
    };
    const { sql } = metadata.versions[0]!.representations.find((one) => one.dialect === dialect)!;
    // Views have their own catalog; a query that is not in one says it.
    return sql.replace(" FROM `unified`", ` FROM ${catalog}\`unified\``);
  };
  const each = await Promise.all(
    Object.keys(segments).map(async (name, i) => ({ name, i, sql: await sqlOf(name) })),
  );
  const ofWhole = each.filter(({ i }) => /"visits","op":"=","value"/.test(JSON.stringify(rules[i])));
  const asked = new Set([...each.filter(({ i }) => i % 32 === 0), ...ofWhole]);
  const selects = [...asked].map(({ name, i, sql }) => {
    const from = i % 64 === 0 && dialect !== "duckdb" ? `${catalog}segments.${name}` : `(${sql})`;
    return `SELECT '${name}' AS s, profile_id FROM ${from}`;
  });
  const queried = bySegment(await engine(selects.join(" UNION ALL ")));
  expectPeople(
    queried,
    [...asked].map(({ i }) => i),
  );

  const found: Found = new Map();
  for (let start = 0; start < each.length; start += 60) {
    const part = each.slice(start, start + 60);
    const from = /^SELECT .*?( FROM .*?) WHERE /s.exec(part[0]!.sql)![1]!;
    const flags = part.map(({ sql }) => `CASE WHEN ${/ WHERE (.*)$/s.exec(sql)![1]!} THEN '1' ELSE '0' END`);
    for (const [person, ...row] of await engine(`SELECT profile_id, ${flags.join(", ")}${from}`))
      part.forEach(({ name }, i) => {
        if (row[i] === "1") found.set(name, [...(found.get(name) ?? []), person!]);
      });
  }
  expectPeople(found, rules.keys());
}

type Found = Map<string, string[]>;

function bySegment(rows: readonly (readonly (string | null)[])[]): Found {
  const found: Found = new Map();
  for (const [segment, person] of rows) found.set(segment!, [...(found.get(segment!) ?? []), person!]);
  return found;
}

/** The rules that give other people, with who is too many and who is missing. */
function expectPeople(found: Found, asked: Iterable<number>): void {
  const wrong = [...asked].flatMap((i) => {
    const rule = rules[i];
    const [own, others] = [expected, found].map((all) => new Set(all.get(`s${i}`)));
    const many = [...others!].filter((one) => !own!.has(one));
    const missing = [...own!].filter((one) => !others!.has(one));
    return many.length + missing.length === 0 ? [] : [{ rule: JSON.stringify(rule), many, missing }];
  });
  expect(wrong).toEqual([]);
}

test(
  "Spark gets exactly the people of each segment, and reads all their columns",
  async () => {
    const spark = await Spark.open();
    try {
      const settings = {
        "": "org.apache.iceberg.spark.SparkCatalog",
        ".type": "rest",
        ".uri": `${served.server.url}/iceberg`,
        ".token": alice,
        ".warehouse": "analytics",
        ".cache-enabled": "false",
      };
      await spark.sql(
        ...Object.entries(settings).map(
          ([key, value]) => `SET \`spark.sql.catalog.segmented${key}\`=\`${value}\``,
        ),
      );
      await expectSamePeople(async (query) => (await spark.sql(query)).rows, "spark", "segmented.");
      const { rows } = await spark.sql("SHOW VIEWS IN segmented.segments");
      expect(rows.map(([, name]) => String(name)).sort()).toEqual(Object.keys(segments).sort());
      const all = await spark.sql("SELECT * FROM segmented.segments.s0");
      expect(all.columns).toEqual(["profile_id", ...Object.keys(values)]);
    } finally {
      await spark.close();
    }
  },
  timeout,
);

describe.runIf(hasTrino)("Trino", { timeout }, () => {
  let trino: Trino;
  beforeAll(async () => {
    const url = `${served.server.url}/iceberg`;
    trino = await Trino.open(
      { url, token: alice },
      {
        files: {
          // By the project's name, as `onecopy bridge connect trino` has it.
          "catalog/bridge_test.properties": [
            "connector.name=iceberg",
            "iceberg.catalog.type=rest",
            `iceberg.rest-catalog.uri=${url}`,
            "iceberg.rest-catalog.warehouse=analytics",
            "iceberg.rest-catalog.security=OAUTH2",
            `iceberg.rest-catalog.oauth2.token=${alice}`,
            "fs.hadoop.enabled=true",
          ],
        },
      },
    );
  }, timeout);
  afterAll(() => trino?.close());

  test("gets exactly the people of each segment", async () => {
    await expectSamePeople(
      async (query) => (await trino.sql(query)).rows as string[][],
      "trino",
      "bridge_test.",
    );
    const { rows } = await trino.sql("SHOW TABLES FROM bridge_test.segments");
    expect(rows.map(([name]) => String(name)).sort()).toEqual(Object.keys(segments).sort());
  });
});

test(
  "the view's SQL for DuckDB gives them too, where the catalog is the one in use",
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "onecopy-views-"));
    try {
      const file = join(folder, "views.sql");
      const script = new URL("run_duckdb.py", import.meta.url).pathname;
      const engine: Ask = async (query) => {
        await writeFile(
          file,
          `LOAD httpfs; LOAD avro; LOAD iceberg; SET TimeZone = 'Pacific/Auckland';
           CREATE SECRET s (TYPE iceberg, TOKEN '${alice}');
           ATTACH '' AS lake (TYPE iceberg, ENDPOINT '${served.server.url}/iceberg', SECRET s);
           USE lake.unified; ${query}`,
        );
        const { stdout } = await promisify(execFile)(python, [script, "", file], { maxBuffer: 1e8 });
        return JSON.parse(stdout) as string[][];
      };
      await expectSamePeople(engine, "duckdb", "");
    } finally {
      await rm(folder, { recursive: true });
    }
  },
  timeout,
);

test(
  "PyIceberg lists the views, for those alone who may read all people",
  async () => {
    const script = new URL("list_views.py", import.meta.url).pathname;
    const views = async (token: string, ...warehouse: string[]): Promise<unknown> => {
      const { stdout } = await promisify(execFile)(python, [
        "-W",
        "ignore",
        script,
        `${served.server.url}/iceberg`,
        token,
        ...warehouse,
      ]);
      return JSON.parse(stdout);
    };
    const all = Object.keys(segments).sort();
    expect(await views(alice)).toEqual(all);
    expect(await views(alice, "analytics")).toEqual(all);
    expect(await views(await served.token("bob"))).toEqual([]);
    expect(await views(await served.token("owner", "admin"), "orders")).toEqual([]);
  },
  timeout,
);
