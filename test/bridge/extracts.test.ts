import { afterAll, beforeAll, expect, test } from "vitest";
import { type Project, applyRevision, parseConfig } from "../../src/project/index.ts";
import { systemClock } from "../../src/base/index.ts";
import { runProject } from "../../src/run/index.ts";
import { scan } from "../../src/table/index.ts";
import { type ServedProject, servedProject } from "./served-project.ts";

type ProjectConfig = Project["config"];

let served: ServedProject;
beforeAll(async () => {
  served = await servedProject();
});
afterAll(() => served.close());

const EXTRACT = {
  "partner.big": {
    from: "unified.customer_360",
    columns: ["id", "amount"],
    where: { attribute: "amount", op: ">", value: 600 },
  },
};
const SHARES = { partners: { tables: ["partner.big"], recipients: ["agency"] } };

async function apply(change: Partial<ProjectConfig>) {
  const config = { ...served.project.config, shares: {}, ...change };
  await applyRevision(served.project.state, config, { author: "test", message: "", clock: systemClock });
  return (await runProject(served.project)).steps.filter(
    ({ kind, target }) => kind === "table" && target === "partner.big",
  );
}

async function rows() {
  const snapshot = (await served.catalog.snapshot("partner.big"))!;
  return await served.session.rows(
    `SELECT count(*) AS n, min(amount) AS least FROM ${await scan(served.session, snapshot)}`,
  );
}

async function objects(): Promise<number> {
  let count = 0;
  for await (const { key } of served.project.lake.list("partner/")) count += key === "" ? 0 : 1;
  return count;
}

test("a part of a table is made for a share, remade when rows or rule change, and erased when nobody may read it", async () => {
  const extracts = EXTRACT as unknown as ProjectConfig["extracts"];
  expect(await apply({ extracts })).toEqual([]);
  expect(await apply({ extracts, shares: SHARES })).toMatchObject([{ action: "done", rows: 20 }]);
  expect(await rows()).toEqual([{ n: 20, least: "601.25" }]);
  expect(await apply({ extracts, shares: SHARES })).toMatchObject([{ action: "unchanged" }]);

  const agency = await served.token("agency");
  const table = "/delta-sharing/shares/partners/schemas/partner/tables/big";
  await expect
    .poll(async () => (await served.get(`${table}/version`, agency)).status, { timeout: 3000 })
    .toBe(200);
  const metadata = await (await served.get(`${table}/metadata`, agency)).text();
  expect(metadata).toContain("amount");
  expect(metadata).not.toContain("visits");

  const customers = (await served.catalog.find("unified.customer_360"))!;
  await customers.delete(served.session, { where: "amount = 601.25" });
  expect(await apply({ extracts, shares: SHARES })).toMatchObject([{ action: "done", rows: 19 }]);

  const before = (await served.catalog.snapshot("partner.big"))!.tableId;
  const narrower = { "partner.big": { ...extracts["partner.big"]!, columns: ["id"] } };
  expect(await apply({ extracts: narrower, shares: SHARES })).toMatchObject([{ action: "done", rows: 19 }]);
  const after = (await served.catalog.snapshot("partner.big"))!;
  expect(after.tableId).not.toBe(before);
  expect(after.schema.fields.map(({ name }) => name)).toEqual(["id"]);

  const ended = { partners: { ...SHARES.partners, recipients: [{ name: "agency", until: "2020-01-01" }] } };
  expect(await apply({ extracts: narrower, shares: ended })).toMatchObject([
    { action: "done", why: expect.stringContaining("erased") },
  ]);
  expect(await served.catalog.find("partner.big")).toBeUndefined();
  expect(await objects()).toBe(0);
});

test("a table that no extract made is never written over, and no rule holds a value that points at a person", async () => {
  const orders = { from: "unified.customer_360", columns: ["id"] };
  await served.catalog.create("partner.big", {
    schema: (await served.catalog.snapshot("unified.orders"))!.schema,
  });
  const extracts = { "partner.big": orders } as unknown as ProjectConfig["extracts"];
  expect(await apply({ extracts, shares: SHARES })).toMatchObject([
    { action: "failed", code: "run.extract_name_taken" },
  ]);
  expect(await apply({})).toEqual([]);
  expect(await served.catalog.find("partner.big")).toBeDefined();
  const text = (where: string) =>
    `name: x\nextracts:\n  partner.big: { columns: [profile_id], where: ${where} }\n`;
  expect(() => parseConfig(text("{ attribute: email, op: '=', value: a@b.c }"), "x")).toThrow(
    /points at one person/,
  );
  expect(() => parseConfig(text("{ attribute: city, op: '=', value: Oslo }"), "x")).not.toThrow();
});

test("what a run that died did not erase to the end, the next one does", async () => {
  const extracts = EXTRACT as unknown as ProjectConfig["extracts"];
  await apply({ extracts, shares: SHARES });
  const { lake } = served.project;
  const dies = async () => {
    const { folder } = (await served.catalog.names()).tables.get("partner.big")!;
    await lake.put(`${folder}/_iceberg/maintain/drop.json`, "{}\n");
    for await (const { key } of lake.list(`${folder}/_delta_log/`)) await lake.delete(key);
  };
  await dies();
  expect(await objects()).toBeGreaterThan(1);
  expect(await apply({ extracts, shares: SHARES })).toMatchObject([{ action: "done", rows: 19 }]);
  await dies();
  expect(await apply({ extracts })).toMatchObject([
    { action: "done", why: expect.stringContaining("erased") },
  ]);
  expect(await objects()).toBe(0);
});
