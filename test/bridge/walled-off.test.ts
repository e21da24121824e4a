import { execFileSync } from "node:child_process";
import { chmod } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { TABLE, dataEndpoints } from "./data-endpoints.ts";
import { servedProject } from "./served-project.ts";
import { linesOf } from "./sharing-lines.ts";

const NOBODY = 65_534;

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
    const alice = await served.token("alice");
    const query = await served.get(`${TABLE}/query`, alice, { method: "POST", body: "{}" });
    expect(query.status).toBe(200);
    const file = (await linesOf(query))[2]!.file.url.slice(served.server.url.length);
    const data = await dataEndpoints(served, [[file, ""]]);
    await data.expectAnswers();

    await chmod(lake, 0o000);
    await data.expectNone(lake);
    expect(errors.length).toBeGreaterThan(0);

    await chmod(lake, 0o755);
    await data.expectAnswers();
  } finally {
    await chmod(lake, 0o755);
    if (isRoot) process.seteuid!(0);
    await served.close();
  }
});
