import { expect, test } from "vitest";
import { AccessLog, Gate, SigningKey } from "../access/index.ts";
import { systemClock } from "../base/index.ts";
import { type OpenApiDocument, templateOf } from "../bridge/index.ts";
import { Catalog } from "../catalog/index.ts";
import { openStore } from "../storage/index.ts";
import { application } from "./application.ts";

const store = openStore("memory:");
const app = application({
  lake: store,
  state: store,
  clock: systemClock,
  catalog: await Catalog.open(store),
  accessLog: new AccessLog(store),
  signingKey: new SigningKey(store),
  gate: new Gate({ state: store, clock: systemClock, recipients: async () => ({}) }),
  shares: async () => ({}),
  segments: async () => ({ segments: {}, revision: 0, changedAtMs: 0, trinoName: "lake" }),
  recipients: async () => ({}),
  clientAddress: () => "127.0.0.1",
  data: {
    overview: () => Promise.reject(new Error("not asked for")),
    peopleReport: async () => ({ state: "nothing_yet" }),
    searchProfiles: async () => [],
    profile: async () => undefined,
  },
  onError: () => undefined,
});

const ask = (path: string, init: RequestInit = {}) =>
  app.request(path, { ...init, headers: { Host: "localhost", ...init.headers } });

test("the OpenAPI document tells of every route, and of no other", async () => {
  const document = (await (await ask("/openapi.json")).json()) as OpenApiDocument;
  const told = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
  );
  // ALL: what stands before or behind the routes. A GET answers HEAD, too.
  const registered = app.routes
    .filter(({ method, path }) => method !== "ALL" && path !== "/openapi.json")
    .map(({ method, path }) => `${method} ${templateOf(path)}`);
  const missing = "add it to the `operations` of src/bridge/…/api.ts or src/server/api.ts";
  expect(
    registered.filter((route) => !told.includes(route)),
    missing,
  ).toEqual([]);
  const known = new Set([...registered, ...registered.map((route) => route.replace(/^GET /, "HEAD "))]);
  expect(
    told.filter((route) => !known.has(route)),
    "there is no such route",
  ).toEqual([]);
  expect(told.length).toBeGreaterThan(60);
});

test("the document is not sent twice, and no route that it tells of is open without saying so", async () => {
  const first = await ask("/openapi.json");
  const headers = { "If-None-Match": first.headers.get("etag") ?? "" };
  expect((await ask("/openapi.json", { headers })).status).toBe(304);
  const { paths } = (await first.json()) as OpenApiDocument;
  for (const [path, operations] of Object.entries(paths))
    for (const [method, operation] of Object.entries(operations)) {
      const isOpen = (operation as { security: unknown[] }).security.length === 0;
      const { status } = await ask(path.replaceAll(/[{}]/g, ""), { method: method.toUpperCase() });
      expect([path, status]).toEqual([path, isOpen ? expect.toBeOneOf([400, 403]) : 401]);
    }
});
