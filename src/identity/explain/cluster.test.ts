import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openWorkbench, type Workbench } from "../../../test/workbench.ts";
import { literal } from "../../engine/index.ts";
import { measureLabelled } from "../label/measure.ts";
import { readLabels } from "../label/read-labels.ts";
import { pairsToReview, reviewCsv } from "../label/review.ts";
import { resolve } from "../resolve.ts";
import type { IdentityInput } from "../input.ts";
import { type ClusterEdge, explainCluster } from "./cluster.ts";

let bench: Workbench;
const inputs: readonly IdentityInput[] = [
  {
    source: "shop",
    relation: "shop",
    idColumn: "id",
    tags: { given: "given_name", family: "surname", mail: "email", phone: "phone", born: "birthdate" },
  },
];

/** Ann is four records in two pairs that only her e-mail and a phone hold together; thirty others are one record each. */
beforeAll(async () => {
  bench = await openWorkbench("onecopy-cluster-");
  const given = "Bob Cyd Dee Eli Fay Gus Hal Ida Jon Kim Lou Max Ned Ola Pam Quin Ray Sue Tom Una".split(" ");
  const others = Array.from(
    { length: 30 },
    (_, i) =>
      `('o${i}', 'o${i}', '${given[i % 20]}', 'Smith${String.fromCharCode(97 + (i % 26))}${i}', 'o${i * 31}@mail.test', '415555${1000 + i * 7}', '19${50 + i}-0${1 + (i % 9)}-11')`,
  );
  await bench.session.run(`CREATE TEMP TABLE shop AS SELECT * FROM (VALUES
    ('a1', 'ann', 'Ann', 'Lee', 'ann@lee.test', '4155551111', '1980-03-04'),
    ('a2', 'ann', 'Ann', 'Lee', 'ann@lee.test', '4155551111', '1980-03-05'),
    ('a3', 'ann', 'Annie', 'Lee', 'annie@work.test', '4155552222', '1980-03-04'),
    ('a4', 'ann', 'Anne', 'Leigh', 'annie@work.test', '4155552222', '1980-03-04'),
    ${others.join(", ")}) s(id, person, given, family, mail, phone, born)`);
  await resolve(bench.session, inputs);
});
afterAll(() => bench.close());

const people = {
  inputs,
  edges: "identity_edges",
  assignments: "identity_assignments",
  retired: "identity_retired",
};

describe("a profile's explanation", () => {
  test("has its records with their values, and every edge between them with its evidence", async () => {
    const found = await explainCluster(bench.session, people, { source: "shop", recordId: "a3" });
    expect(found.records.map(({ recordId }) => recordId)).toEqual(["a1", "a2", "a3", "a4"]);
    expect(found.records[2]!.values).toMatchObject({ given_name: "Annie", email: "annie@work.test" });
    const weights = found.edges.map(({ weight }) => weight);
    expect(weights).toEqual([...weights].sort((a, b) => b - a));
    for (const { evidence, weight } of found.edges)
      expect(evidence.reduce((sum, step) => sum + step.weight, 0)).toBeCloseTo(weight, 1);
  });

  test("names the weakest link, and the edges without which it would be two people", async () => {
    const { weakest, split, edges } = await explainCluster(bench.session, people, {
      source: "shop",
      recordId: "a1",
    });
    const isOf = (side: readonly string[], { left, right }: ClusterEdge): boolean =>
      side.includes(left.recordId) !== side.includes(right.recordId);
    expect(isOf(["a1", "a2"], weakest!)).toBe(true);
    const side = split!.records.map(({ recordId }) => recordId);
    expect([1, 2]).toContain(side.length);
    expect(split!.holding).toEqual(edges.filter((edge) => isOf(side, edge) && edge.weight > 0));
    expect(split!.holdingWeight).toBeCloseTo(split!.holding.reduce((sum, { weight }) => sum + weight, 0));
  });

  test("is found by its id, also by one that was retired; what is not there is said", async () => {
    const { profileId } = await explainCluster(bench.session, people, { source: "shop", recordId: "a1" });
    const retired = `(SELECT 'old' AS profile_id, ${literal(profileId)} AS successor)`;
    const again = await explainCluster(bench.session, { ...people, retired }, { profileId: "old" });
    expect(again.profileId).toBe(profileId);
    await expect(explainCluster(bench.session, people, { profileId: "x" })).rejects.toMatchObject({
      code: "identity.unknown_profile",
    });
    await expect(
      explainCluster(bench.session, people, { source: "shop", recordId: "x" }),
    ).rejects.toMatchObject({ code: "identity.unknown_profile", message: expect.stringContaining("shop:x") });
  });

  test("of one record has no link", async () => {
    const found = await explainCluster(bench.session, people, { source: "shop", recordId: "o1" });
    expect(found).toMatchObject({ edges: [], weakest: undefined, split: undefined });
  });
});

describe("labels", () => {
  test("of people: pairs and B-cubed, and what scores promised", async () => {
    const labels = await readLabels(
      bench.session,
      "(SELECT 'shop' AS source, id, person FROM shop)",
      "truth",
    );
    const found = await measureLabelled(bench.session, people, labels);
    expect(found.people).toMatchObject({
      records: 34,
      people: 31,
      precision: 1,
      recall: 1,
      bCubed: { f1: 1 },
    });
    expect(found.bands.reduce((sum, { pairs }) => sum + pairs, 0)).toBeGreaterThan(3);
  });

  test("of pairs: what review wrote, answered, is read back", async () => {
    const pairs = await pairsToReview(bench.session, people, 4);
    expect(pairs.length).toBeGreaterThan(1);
    const patterns = pairs.map(({ evidence }) =>
      JSON.stringify(evidence.map(({ comparison, level }) => [comparison, level])),
    );
    expect(new Set(patterns.slice(0, 2)).size).toBe(2);
    const [header, ...lines] = reviewCsv(pairs).trimEnd().split("\r\n");
    expect(header).toContain("left_email_value,right_email_value");
    const answers = ["yes", "", "No", ...lines.slice(3).map(() => "YES")];
    const file = join(bench.base, "pairs.csv");
    await writeFile(file, [header, ...lines.map((line, i) => answers[i] + line)].join("\r\n"));
    const relation = `read_csv(${literal(file)}, all_varchar = true)`;
    const found = await measureLabelled(
      bench.session,
      people,
      await readLabels(bench.session, relation, file),
    );
    expect(found.people).toBeUndefined();
    expect(found.pairs).toMatchObject({ pairs: lines.length - 1 });
  });

  test("that are neither are refused, with what is expected", async () => {
    await expect(readLabels(bench.session, "shop", "shop.csv")).rejects.toMatchObject({
      code: "identity.bad_labels",
      message: expect.stringContaining("source, id and person"),
    });
    const pairs = `(SELECT 's' AS left_source, '1' AS left_id, 's' AS right_source, '2' AS right_id, 'perhaps' AS same)`;
    await expect(readLabels(bench.session, pairs, "pairs.csv")).rejects.toMatchObject({
      message: expect.stringContaining("perhaps"),
    });
  });
});
