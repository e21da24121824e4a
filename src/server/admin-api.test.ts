import { request } from "node:http";
import { Hono } from "hono";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Gate, issueToken, verifyToken } from "../access/index.ts";
import { OneCopyError, systemClock } from "../base/index.ts";
import { openStore } from "../storage/index.ts";
import { adminApi } from "./admin-api.ts";
import type { AdminData, Overview, ProfileDetail } from "./admin-data.ts";
import { type Listening, listen } from "./listen.ts";
import { ownHost } from "./own-host.ts";

const overview: Overview = {
  name: "shop",
  revision: 2,
  lake: "file:///lake/",
  sources: [{ name: "web", kind: "files", location: "web/*.csv", records: 3, tags: { mail: "email" } }],
  people: { profiles: 2, records: 3 },
  tables: [{ name: "unified.customer_360", version: 1, rows: 2, sizeBytes: 10, files: 1 }],
  segments: [],
  syncs: [{ name: "s", segment: "vip", destination: "out/", lastDelivery: null }],
  shares: [],
  answers: [],
  demo: null,
};
const person: ProfileDetail = {
  profileId: "p1",
  merged: { points: 9007199254740993n },
  attributes: {},
  records: [],
  links: [],
};
const searches: [string, number][] = [];
let problem: Error | undefined;
const data: AdminData = {
  overview: async () => {
    if (problem !== undefined) throw problem;
    return overview;
  },
  peopleReport: async () => ({ state: "nothing_yet" }),
  searchProfiles: async (text, limit) => {
    searches.push([text, limit]);
    return [{ profileId: "p1", name: "Zoë", email: null, city: null, records: 2 }];
  },
  profile: async (id) => (id === "p1" ? person : undefined),
};

const state = openStore("memory:");
const seen: unknown[] = [];
let server: Listening;
let admin = "";
let recipient = "";

beforeAll(async () => {
  const expiresAt = new Date(Date.now() + 60_000);
  admin = await issueToken(state, { principal: "owner", kind: "admin", expiresAt });
  recipient = await issueToken(state, { principal: "alice", kind: "recipient", expiresAt });
  const app = new Hono();
  app.use(ownHost("https://lake.example.com"));
  const shares = async () => ({
    analytics: { tables: ["unified.customer_360"], recipients: ["bi_team"], history: true, strict: false },
  });
  const onError = (error: unknown): unknown => seen.push(error);
  const recipients = async () => ({});
  const gate = new Gate({ state, clock: systemClock, recipients });
  const access = { gate, clientAddress: () => "127.0.0.1", shares, recipients };
  app.route("/api", adminApi({ state, clock: systemClock, data, ...access, onError }));
  server = await listen(app.fetch, "127.0.0.1", 0);
});
afterAll(() => server.stop());

function get(path: string, token: string | undefined = admin, headers: Record<string, string> = {}) {
  const auth = token === undefined ? {} : { Authorization: `Bearer ${token}` };
  return fetch(`http://127.0.0.1:${server.port}/api${path}`, { headers: { ...auth, ...headers } });
}

test("the overview, a search, a profile", async () => {
  const response = await get("/overview");
  expect(response.headers.get("cache-control")).toBe("no-store");
  expect(response.headers.get("access-control-allow-origin")).toBeNull();
  expect(await response.json()).toEqual(overview);
  expect(await (await get("/people-report")).json()).toEqual({ state: "nothing_yet" });
  expect(await (await get("/profiles?q=zo%C3%AB&limit=5")).json()).toMatchObject({
    profiles: [{ name: "Zoë" }],
  });
  await get("/profiles");
  expect(searches).toEqual([
    ["zoë", 5],
    ["", 20],
  ]);
  expect(await (await get("/profiles/p1")).text()).toContain('"points":9007199254740993}');
});

test.each([
  ["/overview", undefined, 401, "server.unauthenticated"],
  ["/overview", "onecopy_wrong", 401, "server.unauthenticated"],
  ["/profiles/p1", "recipient", 403, "server.forbidden"],
  ["/people-report", undefined, 401, "server.unauthenticated"],
  ["/people-report", "recipient", 403, "server.forbidden"],
  ["/nothing", "recipient", 403, "server.forbidden"],
  ["/nothing", "admin", 404, "server.no_such_address"],
  ["/profiles/p2", "admin", 404, "server.no_such_profile"],
  ["/profiles?limit=0", "admin", 400, "server.bad_parameter"],
  ["/profiles?limit=1000", "admin", 400, "server.bad_parameter"],
  [`/profiles?q=${"x".repeat(201)}`, "admin", 400, "server.bad_parameter"],
  ["/profiles?q=a%00b", "admin", 400, "server.bad_parameter"],
])("%s with %s: %i %s", async (path, who, status, code) => {
  const token = who === "admin" ? admin : who === "recipient" ? recipient : who;
  const url = `http://127.0.0.1:${server.port}/api${path}`;
  const response = await fetch(
    url,
    token === undefined ? {} : { headers: { Authorization: `Bearer ${token}` } },
  );
  expect(response.status).toBe(status);
  expect(response.headers.get("cache-control")).toBe("no-store");
  expect(await response.json()).toEqual({ code, message: expect.any(String), remedy: expect.any(String) });
});

test("what went wrong: an error of ours in its own words, another one without a word of it", async () => {
  problem = new OneCopyError("project.not_applied", "Not applied yet.", { remedy: "Run `onecopy apply`." });
  const ours = await get("/overview");
  expect([ours.status, await ours.json()]).toEqual([
    500,
    { code: "project.not_applied", message: "Not applied yet.", remedy: "Run `onecopy apply`." },
  ]);
  problem = new Error("/secret/path");
  const other = await get("/overview");
  expect([other.status, (await other.text()).includes("secret")]).toEqual([500, false]);
  expect(seen).toContain(problem);
  problem = undefined;
});

test("only under the server's own names", async () => {
  const ask = (host: string) =>
    new Promise<number | undefined>((resolve, reject) => {
      const headers = { host, authorization: `Bearer ${admin}` };
      const sent = request(
        { host: "127.0.0.1", port: server.port, path: "/api/overview", headers },
        (response) => {
          response.resume();
          resolve(response.statusCode);
        },
      );
      sent.on("error", reject);
      sent.end();
    });
  for (const host of ["localhost", "LOCALHOST:1234", "127.0.0.1:80", "[::1]:5", "lake.example.com"]) {
    expect([host, await ask(host)]).toEqual([host, 200]);
  }
  for (const host of [
    "evil.example",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "lake.example.com:81",
  ]) {
    expect([host, await ask(host)]).toEqual([host, 421]);
  }
});

test("a recipient's profile file is downloaded, with a token that works; nobody else's", async () => {
  const post = (name: string, token: string): Promise<Response> =>
    fetch(`http://127.0.0.1:${server.port}/api/recipients/${name}/profile`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}` },
    });
  const answer = await post("bi_team", admin);
  expect(answer.headers.get("content-disposition")).toBe('attachment; filename="bi_team.share"');
  expect(answer.headers.get("cache-control")).toBe("no-store");
  const file = (await answer.json()) as { endpoint: string; bearerToken: string };
  expect(file).toMatchObject({
    shareCredentialsVersion: 1,
    endpoint: `http://127.0.0.1:${server.port}/delta-sharing/`,
  });
  expect(await verifyToken(state, file.bearerToken)).toMatchObject({ name: "bi_team", kind: "recipient" });
  expect((await post("mallory", admin)).status).toBe(404);
  expect((await post("bi_team", recipient)).status).toBe(403);
  expect((await post("bi_team", "wrong")).status).toBe(401);
});
