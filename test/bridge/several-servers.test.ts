import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { SigningKey } from "../../src/access/index.ts";
import { type Serving, serve } from "../../src/server/index.ts";
import { type ServedProject, servedProject } from "./served-project.ts";
import { linesOf } from "./sharing-lines.ts";

const QUERY = "/delta-sharing/shares/analytics/schemas/unified/tables/customer_360/query";

let served: ServedProject;
let second: Serving;
let alice = "";

beforeAll(async () => {
  served = await servedProject();
  second = await another();
  alice = await served.token("alice");
});
afterAll(async () => {
  await second.stop();
  await served.close();
});

/** As another process of `onecopy serve` on the same project. */
async function another(): Promise<Serving> {
  const never = (): Promise<never> => Promise.reject(new Error("not asked for in these tests"));
  const data = { overview: never, peopleReport: never, searchProfiles: never, profile: never };
  return await serve({ project: served.project, data, port: 0 });
}

async function query(server: Serving, body: object = {}) {
  const headers = {
    Authorization: `Bearer ${alice}`,
    "delta-sharing-capabilities": "responseformat=parquet;includeendstreamaction=true",
  };
  const answer = await fetch(server.url + QUERY, { method: "POST", headers, body: JSON.stringify(body) });
  const lines = await linesOf(answer);
  const { endStreamAction } = lines.at(-1) as unknown as { endStreamAction: { refreshToken?: string } };
  return { url: lines[2]!.file.url, refreshToken: endStreamAction.refreshToken, count: lines.length };
}

test("behind one address take each other's file addresses and refresh tokens, also after a restart", async () => {
  const { url, refreshToken, count } = await query(served.server, { includeRefreshToken: true });
  const elsewhere = url.replace(served.server.url, second.url);
  expect(elsewhere).not.toBe(url);
  expect((await fetch(elsewhere)).status).toBe(200);
  expect((await query(second, { refreshToken })).count).toBe(count);

  await second.stop();
  second = await another();
  expect((await fetch(url.replace(served.server.url, second.url))).status).toBe(200);
  expect((await query(second, { refreshToken })).count).toBe(count);
});

test("that need a key at the same moment make one", async () => {
  await served.project.state.delete("signing-key.json");
  const keys = await Promise.all(
    Array.from({ length: 20 }, async () => await new SigningKey(served.project.state).current()),
  );
  expect(new Set(keys.map((key) => Buffer.from(key).toString("hex"))).size).toBe(1);
  expect(keys[0]).toHaveLength(32);
});

test("refuse what was signed with a key that was taken away, within a second", async () => {
  const { url } = await query(served.server);
  await served.project.state.delete("signing-key.json");
  await vi.waitUntil(async () => (await fetch(url)).status === 403, 3000);
  const again = await query(served.server);
  expect((await fetch(again.url)).status).toBe(200);
});

test("say what to do about a key that is none, and answer nothing", async () => {
  await served.project.state.put("signing-key.json", '{"secret":"short"}');
  await expect(new SigningKey(served.project.state).current()).rejects.toMatchObject({
    code: "access.signing_key_unreadable",
    remedy: expect.stringContaining("Delete"),
  });
  await served.project.state.delete("signing-key.json");
});
