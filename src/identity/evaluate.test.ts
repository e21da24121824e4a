import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { join } from "node:path";
import { openEngine } from "../engine/index.ts";
import { evaluate } from "./evaluate.ts";

test("counts pairs and averages over records as by hand", async () => {
  const folder = await mkdtemp(join(tmpdir(), "onecopy-evaluate-"));
  const engine = await openEngine({ spillFolder: folder });
  const session = await engine.session();
  // Found {1,2,3} {4,5}; true {1,2} {3,4,5}. Record 6 has no truth.
  const found =
    "(SELECT 's' AS source, r AS record_id, p AS profile_id FROM (VALUES ('1','a'),('2','a'),('3','a'),('4','b'),('5','b'),('6','a')) v(r, p))";
  const truth =
    "(SELECT 's' AS source, r AS record_id, p AS person FROM (VALUES ('1',1),('2',1),('3',2),('4',2),('5',2),('6',NULL)) v(r, p))";
  const result = await evaluate(session, found, truth);
  expect(result).toMatchObject({
    records: 5,
    people: 2,
    profiles: 2,
    truePairs: 4,
    foundPairs: 4,
    correctPairs: 2,
  });
  expect(result).toMatchObject({ precision: 0.5, recall: 0.5, f1: 0.5 });
  expect(result.bCubed.precision).toBeCloseTo((2 / 3 + 2 / 3 + 1 / 3 + 1 + 1) / 5);
  expect(result.bCubed.recall).toBeCloseTo((1 + 1 + 1 / 3 + 2 / 3 + 2 / 3) / 5);
  session.close();
  await engine.close();
  await rm(folder, { recursive: true, force: true });
});
