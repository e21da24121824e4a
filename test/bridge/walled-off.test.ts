import { execFileSync } from "node:child_process";
import { chmod } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { currentRevision } from "../../src/project/index.ts";
import { servedProject } from "./served-project.ts";
import { linesOf } from "./sharing-lines.ts";

const NOBODY = 65_534;
const TABLE = "/delta-sharing/shares/analytics/schemas/unified/tables/customer_360";
const CATALOG = "/iceberg/v1/namespaces/unified/tables";

test("a server whose permission for the lake is taken away answers no data, keeps its rules, and heals when it is given back", async () => {
  const errors: unknown[] = [];
  const served = await servedProject({
    configuration: "state: ./state\n",
    onError: (error) => errors.push(error),
  });
  const isRoot = process.geteuid?.() === 0;
  const lake = fileURLToPath(served.project.lake.url);
  try {
    // Nothing is forbidden to root: the server goes on as somebody else.
    if (isRoot) {
      execFileSync("chown", ["-R", String(NOBODY), served.folder]);
      process.seteuid!(NOBODY);
    }
    const [alice, admin] = [await served.token("alice"), await served.token("owner", "admin")];
    const query = await served.get(`${TABLE}/query`, alice, { method: "POST", body: "{}" });
    expect(query.status).toBe(200);
    const url = (await linesOf(query))[2]!.file.url;
    const asked: [string, string, RequestInit?][] = [
      [`${TABLE}/version`, alice],
      [`${TABLE}/metadata`, alice],
      [`${TABLE}/query`, alice, { method: "POST", body: "{}" }],
      [`${TABLE}/changes?startingVersion=0`, alice],
      ["/delta-sharing/shares/analytics/all-tables", alice],
      [url.slice(served.server.url.length), ""],
      [CATALOG, alice],
      [`${CATALOG}/customer_360`, alice],
      [`${CATALOG}/customer_360`, admin],
    ];
    const status = async (one: (typeof asked)[number]): Promise<number> => (await served.get(...one)).status;
    // A connection whose last answer could not be logged to its end is closed: clients ask again on another one.
    const statuses = () => Promise.all(asked.map((one) => status(one).catch(() => status(one))));
    const healthy = await statuses();
    expect(healthy).toEqual(asked.map(() => 200));

    await chmod(lake, 0o000);
    expect(await statuses()).toEqual(asked.map(() => 503));
    const said = await served.get(`${CATALOG}/customer_360`, alice);
    expect(await said.text()).not.toContain(lake);
    const commit = { requirements: [], updates: [{ action: "set-properties", updates: { a: "b" } }] };
    const init = { method: "POST", body: JSON.stringify(commit) };
    const written = await served.get(`${CATALOG}/customer_360`, admin, init);
    expect([written.status, await written.json()]).toMatchObject([
      500,
      { error: { type: "CommitStateUnknownException" } },
    ]);
    expect((await currentRevision(served.project)).config.shares).toHaveProperty("analytics");
    expect(errors.length).toBeGreaterThan(0);

    await chmod(lake, 0o755);
    expect(await statuses()).toEqual(healthy);
  } finally {
    await chmod(lake, 0o755);
    if (isRoot) process.seteuid!(0);
    await served.close();
  }
});
