import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openWorkbench, type Workbench } from "../../../test/workbench.ts";
import type { IdentityInput } from "../input.ts";
import { resolve } from "../resolve.ts";
import { type IdentityReport, identityReport } from "./report.ts";
import { reportPage } from "./page/page.ts";

let bench: Workbench;
let report: IdentityReport;
const inputs: readonly IdentityInput[] = [
  {
    source: "shop",
    relation: "shop",
    idColumn: "id",
    tags: { given: "given_name", family: "surname", mail: "email", phone: "phone", born: "birthdate" },
  },
];
const relations = {
  inputs,
  assignments: "identity_assignments",
  edges: "identity_edges",
  model: "identity_model",
  blocks: "identity_blocks",
  sharedValues: "kept_shared_values",
};

/** A hundred people, each twice; thirty share one mailbox; two records say a gender at most, and nothing else. */
beforeAll(async () => {
  bench = await openWorkbench("onecopy-report-");
  const given =
    "Ann Bob Cyd Dee Eli Fay Gus Hal Ida Jon Kim Lou Max Ned Ola Pam Quin Ray Sue Tom Una Val Wes Xan Yul".split(
      " ",
    );
  const rows = Array.from({ length: 200 }, (_, i) => {
    const n = i >> 1;
    const family = `${String.fromCharCode(65 + (n % 26))}${["ashford", "elmonte", "ironwood", "otto"][n % 4]}${given[(n * 7) % 25]!.toLowerCase()}`;
    return `('r${i}', '${given[n % 25]}', '${family}', '${n < 30 ? "sales1@shop.test" : `m${n * 17}@mail.test`}', '415555${1000 + n * 7}', '19${10 + (n % 80)}-0${1 + (n % 9)}-${10 + (n % 19)}')`;
  });
  rows.push("('x1', NULL, NULL, NULL, NULL, NULL)", "('x2', 'Zed', NULL, NULL, NULL, NULL)");
  await bench.session.run(
    `CREATE TEMP TABLE shop AS SELECT * FROM (VALUES ${rows.join(", ")}) s(id, given, family, mail, phone, born)`,
  );
  await resolve(bench.session, inputs);
  await bench.session.run("CREATE TEMP TABLE kept_shared_values AS FROM identity_shared_value");
  report = await identityReport(bench.session, relations, { moved: 1, of: 50, jitter: 0.02 });
});
afterAll(() => bench.close());

describe("the report", () => {
  test("counts what there is", () => {
    expect(report).toMatchObject({ records: 202, movement: { jitter: 0.02 } });
    expect(report.sizes.reduce((sum, { records, profiles }) => sum + records * profiles, 0)).toBe(202);
    expect(report.profiles).toBe(report.sizes.reduce((sum, { profiles }) => sum + profiles, 0));
    expect(report.largest[0]!.records).toBe(report.sizes.at(-1)!.records);
    expect(report.blocks.length).toBeGreaterThan(0);
    expect(report.sharedValues).toContainEqual(
      expect.objectContaining({ kind: "email", value: "sales1@shop.test", records: 60 }),
    );
  });

  test("has the model's shares, which are those of a whole", () => {
    const names = report.weights.fields.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["given_name", "surname", "email", "phone", "birthdate"]));
    for (const { levels } of report.weights.fields) {
      expect(levels.reduce((sum, { person }) => sum + person, 0)).toBeCloseTo(1, 5);
      expect(levels[0]!.weight).toBeGreaterThan(levels.at(-1)!.weight);
    }
  });

  test("a higher threshold is expected to cost recall and to gain precision; everything is above none", () => {
    const { curve } = report;
    for (const [i, point] of curve.entries()) {
      if (i === 0) continue;
      expect(point.expectedRecall).toBeLessThanOrEqual(curve[i - 1]!.expectedRecall);
      expect(point.expectedPrecision).toBeGreaterThanOrEqual(curve[i - 1]!.expectedPrecision);
    }
    expect(curve[0]!.expectedRecall).toBeGreaterThan(0.9);
  });

  test("records that say nothing, or one name, are what nothing can link", () => {
    expect(report.unlinkable.patterns).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ fields: [], records: 1 }),
        expect.objectContaining({ fields: ["given_name"], records: 1 }),
      ]),
    );
    expect(report.unlinkable).toMatchObject({ records: 2, of: 202 });
  });

  test("a profile of many names fails the health figure, which says where its limit comes from", async () => {
    expect(report.health.every(({ passes, source }) => passes && source !== "")).toBe(true);
    const one = "(SELECT source, record_id, 'all' AS profile_id FROM identity_assignments)";
    const bad = await identityReport(bench.session, { ...relations, assignments: one }, undefined);
    expect(bad.health.filter(({ passes }) => !passes).map(({ name }) => name)).toEqual([
      "profiles with more than 3 given names",
      "profiles with more than 3 surnames",
      "profiles with more than 2 birth dates",
      "records in profiles of more than 100",
    ]);
  });

  test("a band of which the data says too little is marked", async () => {
    const edges = `(
      SELECT 1.5 AS weight, 0.74 AS probability, '[{"comparison":"prior"},{"comparison":"given_name"},{"comparison":"surname"},{"comparison":"rarity"}]' AS evidence FROM range(100)
      UNION ALL SELECT 3, 0.89, '[{"comparison":"prior"},{"comparison":"given_name"},{"comparison":"surname"},{"comparison":"email"}]' FROM range(100)
      UNION ALL SELECT 5, 0.97, '[{"comparison":"prior"},{"comparison":"a"},{"comparison":"b"},{"comparison":"c"}]' FROM range(29)
      UNION ALL SELECT 40, 1.0, '[{"comparison":"record"}]' FROM range(100)
      UNION ALL SELECT -3, 0.1, '[{"comparison":"prior"},{"comparison":"a"},{"comparison":"b"},{"comparison":"c"}]' FROM range(100))`;
    const { bands } = await identityReport(bench.session, { ...relations, edges }, undefined);
    expect(bands.map(({ above, needsLabels }) => [above, needsLabels !== null])).toEqual([
      [undefined, true],
      [1, true],
      [2, false],
      [4, true],
      [15, false],
    ]);
  });
});

describe("the page", () => {
  test("has no script, loads nothing, and escapes every value", () => {
    const hostile = `<script>alert(1)</script><img src="https://x.test/a" onerror='x'>&`;
    const page = reportPage(
      {
        ...report,
        sharedValues: [{ kind: "email", value: hostile, records: 1, givenNames: 1, surnames: 1 }],
      },
      hostile,
      new Date(0),
    );
    expect(page).not.toMatch(/<script|<img|<link|<iframe|javascript:|@import|url\(/i);
    expect(page.replaceAll("src=&quot;", "")).not.toMatch(/(?:src|href)=/i);
    expect(page).toContain(
      "&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=&quot;https://x.test/a&quot; onerror=&#39;x&#39;&gt;&amp;",
    );
    expect(page).toContain("default-src 'none'");
  });

  test("is whole for people of whom nothing was compared", () => {
    const empty = {
      ...report,
      curve: [],
      bands: [],
      blocks: [],
      sharedValues: [],
      largest: [],
      sizes: [],
      records: 0,
      profiles: 0,
    };
    expect(reportPage({ ...empty, movement: null }, "shop", new Date(0))).toMatch(/<\/html>\s*$/);
    expect(reportPage(empty, "shop", new Date(0))).not.toMatch(/NaN|Infinity|undefined/);
  });
});
