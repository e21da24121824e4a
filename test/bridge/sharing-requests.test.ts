import { afterAll, beforeAll, expect, test } from "vitest";
import { Catalog } from "../../src/catalog/index.ts";
import { FaultyStore } from "../../src/storage/index.ts";
import { type ServedProject, servedProject } from "./served-project.ts";

let served: ServedProject;
beforeAll(async () => {
  served = await servedProject();
});
afterAll(() => served.close());

test("a table that has not changed costs one small request to the lake; one that has is read as it is now", async () => {
  const calls: string[] = [];
  const lake = new FaultyStore(served.project.lake, ({ operation, key }) => {
    calls.push(`${operation} ${key}`);
    return undefined;
  });
  const catalog = await Catalog.open(lake);
  // As a query of a share reads it.
  const read = async () => {
    calls.length = 0;
    const found = await catalog.find("unified.orders", { namesMaxAgeMs: 60_000 });
    return { version: (await found!.snapshot()).version, calls: [...calls] };
  };
  await read();
  const { folder } = (await catalog.find("unified.orders"))!;
  expect(await read()).toEqual({
    version: 1,
    calls: [`head ${folder}/_delta_log/${"2".padStart(20, "0")}.json`],
  });
  const table = await served.catalog.find("unified.orders");
  await table!.write(served.session, { mode: "append", query: "SELECT 50::BIGINT AS order_id, 'x' AS note" });
  expect((await read()).version).toBe(2);
});
