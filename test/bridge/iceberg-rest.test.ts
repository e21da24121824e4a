import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ServedProject, servedProject } from "./served-project.ts";

let served: ServedProject;
let alice: string;
let bob: string;
let admin: string;

beforeAll(async () => {
  served = await servedProject();
  alice = await served.token("alice");
  bob = await served.token("bob");
  admin = await served.token("owner", "admin");
});
afterAll(() => served.close());

const get = (path: string, token?: string, init?: RequestInit) =>
  served.get(`/iceberg/v1${path}`, token, init);
/** What answers hold, as far as it is looked at here. */
interface Answer {
  readonly endpoints: string[];
  readonly overrides: unknown;
  readonly namespaces: string[][];
  readonly identifiers: { readonly namespace: string[]; readonly name: string }[];
  readonly "next-page-token": string;
}

async function json(path: string, token: string): Promise<Answer> {
  return (await (await get(path, token)).json()) as Answer;
}

async function refusal(response: Response): Promise<unknown> {
  return { status: response.status, ...((await response.json()) as object) };
}

/** The specification's error model. */
function refused(status: number, type: string): unknown {
  return { status, error: { message: expect.any(String), type, code: status } };
}

describe("what a principal sees", () => {
  test("the configuration: what there is, and the share as the prefix", async () => {
    const config = await json("/config", alice);
    expect(config).toMatchObject({ defaults: {}, overrides: {} });
    expect(config.endpoints).toContain("GET /v1/{prefix}/namespaces/{namespace}/tables/{table}");
    expect((await json("/config?warehouse=finance", alice)).overrides).toEqual({ prefix: "finance" });
  });

  test("an admin the whole lake, a recipient its shares' tables, and one share's by prefix", async () => {
    const names = async (token: string, root: string) => {
      const { namespaces } = await json(`${root}/namespaces`, token);
      const tables: string[] = [];
      for (const [namespace] of namespaces) {
        const { identifiers } = await json(`${root}/namespaces/${namespace}/tables`, token);
        tables.push(...identifiers.map((id) => [...id.namespace, id.name].join(".")));
      }
      return tables;
    };
    expect(await names(admin, "")).toEqual(["internal.edges", "unified.customer_360", "unified.orders"]);
    expect(await names(alice, "")).toEqual(["unified.customer_360", "unified.orders"]);
    expect(await names(alice, "/finance")).toEqual(["unified.orders"]);
    expect(await names(bob, "")).toEqual(["unified.orders"]);
    expect(await names(await served.token("mallory"), "")).toEqual([]);
  });

  test("pages, when it asks for them", async () => {
    const first = await json("/namespaces/unified/tables?pageSize=1", alice);
    expect(first.identifiers).toEqual([{ namespace: ["unified"], name: "customer_360" }]);
    const second = await json(
      `/namespaces/unified/tables?pageSize=1&pageToken=${first["next-page-token"]}`,
      alice,
    );
    expect(second).toEqual({ identifiers: [{ namespace: ["unified"], name: "orders" }] });
  });

  test("a namespace, and that it has no children", async () => {
    expect(await json("/namespaces/unified", alice)).toEqual({ namespace: ["unified"], properties: {} });
    expect(await json("/namespaces?parent=unified", alice)).toEqual({ namespaces: [] });
    expect((await get("/namespaces/unified", alice, { method: "HEAD" })).status).toBe(204);
    expect((await get("/namespaces/nothing", alice, { method: "HEAD" })).status).toBe(404);
  });
});

describe("a table", () => {
  test("its metadata, digit for digit as it is in the lake", async () => {
    const response = await get("/namespaces/unified/tables/customer_360", alice);
    expect(response.status).toBe(200);
    const text = await response.text();
    const loaded = JSON.parse(text);
    expect(loaded["metadata-location"]).toMatch(/^file:\/\/\/.*\/_iceberg\/0*3-[^/]*\.metadata\.json$/);
    expect(Object.keys(loaded)).toEqual(["metadata-location", "metadata"]);
    const table = await served.catalog.find("unified.customer_360");
    const pointer = (await table!.snapshot()).iceberg!;
    const stored = await served.project.lake.get(pointer.metadataKey);
    expect(stored.kind === "found" && text.includes(Buffer.from(stored.body).toString("utf8"))).toBe(true);
  });

  test("unchanged, when the client has it already; anew after a commit", async () => {
    const path = "/namespaces/unified/tables/orders";
    const etag = (await get(path, alice)).headers.get("etag") ?? "";
    const again = await get(path, alice, { headers: { "If-None-Match": etag } });
    expect([again.status, await again.text()]).toEqual([304, ""]);
    const orders = await served.catalog.find("unified.orders");
    await orders!.write(served.session, { mode: "append", query: "SELECT 99 AS order_id, 'late' AS note" });
    const changed = await get(path, alice, { headers: { "If-None-Match": etag } });
    expect(changed.status).toBe(200);
    expect(changed.headers.get("etag")).not.toBe(etag);
  });

  test("there or not", async () => {
    expect((await get("/namespaces/unified/tables/orders", bob, { method: "HEAD" })).status).toBe(204);
    expect((await get("/namespaces/unified/tables/customer_360", bob, { method: "HEAD" })).status).toBe(404);
  });
});

describe("what nobody gets", () => {
  test("anything without a valid token", async () => {
    for (const path of ["/config", "/namespaces", "/namespaces/unified/tables/orders", "/nothing"]) {
      expect(await refusal(await get(path))).toEqual(refused(401, "NotAuthorizedException"));
      expect(await refusal(await get(path, `onecopy_${"A".repeat(43)}`))).toEqual(
        refused(401, "NotAuthorizedException"),
      );
    }
    expect(await refusal(await get("/oauth/tokens", undefined, { method: "POST" }))).toEqual(
      refused(401, "NotAuthorizedException"),
    );
  });

  test("to tell a table that is not theirs from one that is not there", async () => {
    const foreign = await get("/namespaces/unified/tables/customer_360", bob);
    expect(await refusal(foreign)).toEqual(refused(404, "NoSuchTableException"));
    expect(await refusal(await get("/namespaces/unified/tables/nothing", bob))).toEqual(
      refused(404, "NoSuchTableException"),
    );
    expect(await refusal(await get("/namespaces/internal", bob))).toEqual(
      refused(404, "NoSuchNamespaceException"),
    );
    expect(await refusal(await get("/namespaces/internal/tables", bob))).toEqual(
      refused(404, "NoSuchNamespaceException"),
    );
    expect(await refusal(await get("/namespaces?parent=internal", bob))).toEqual(
      refused(404, "NoSuchNamespaceException"),
    );
    expect(await refusal(await get("/config?warehouse=analytics", bob))).toEqual(
      refused(404, "NoSuchWarehouseException"),
    );
    expect(await refusal(await get("/config?warehouse=nothing", bob))).toEqual(
      refused(404, "NoSuchWarehouseException"),
    );
    expect(await refusal(await get("/analytics/namespaces", bob))).toEqual(
      refused(404, "NoSuchWarehouseException"),
    );
    const inShare = await get("/analytics/namespaces/unified/tables/orders", bob);
    expect(await refusal(inShare)).toEqual(refused(404, "NoSuchTableException"));
  });

  test.each(["..%2f..%2forders", "%00", "a%1fb", "orders%2f..", "__proto__"])(
    "the table %s",
    async (name) => {
      expect(await refusal(await get(`/namespaces/unified/tables/${name}`, alice))).toEqual(
        refused(404, "NoSuchTableException"),
      );
    },
  );

  test("to write", async () => {
    for (const [method, path] of [
      ["POST", "/namespaces"],
      ["DELETE", "/namespaces/unified/tables/orders"],
      ["POST", "/namespaces/unified/tables/orders"],
      ["POST", "/transactions/commit"],
    ] as const) {
      expect(await refusal(await get(path, admin, { method }))).toEqual(
        refused(406, "UnsupportedOperationException"),
      );
    }
  });

  test("pages of a size that is none", async () => {
    expect(await refusal(await get("/namespaces?pageSize=-1", alice))).toEqual(
      refused(400, "BadRequestException"),
    );
    expect(await refusal(await get("/namespaces?pageToken=x", alice))).toEqual(
      refused(400, "BadRequestException"),
    );
  });
});
