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
    expect(config).toMatchObject({ defaults: { "token-exchange-enabled": "false" }, overrides: {} });
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
    const asked = (form: Record<string, string>) =>
      get("/oauth/tokens", undefined, { method: "POST", body: new URLSearchParams(form) });
    const credentials = { grant_type: "client_credentials", client_id: "alice", client_secret: alice };
    expect(await (await asked(credentials)).json()).toMatchObject({
      access_token: expect.stringMatching(/^onecopy_access_/),
      token_type: "bearer",
      expires_in: expect.any(Number),
    });
    for (const [wrong, error] of [
      [{ client_secret: `onecopy_${"A".repeat(43)}` }, "invalid_client"],
      [{ client_id: "bob" }, "invalid_client"],
      [{ client_secret: "" }, "invalid_client"],
      [{ grant_type: "password" }, "unsupported_grant_type"],
    ] as const) {
      const response = await asked({ ...credentials, ...wrong });
      expect([response.ok, await response.json()]).toEqual([false, expect.objectContaining({ error })]);
    }
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

  test("to write, unless it is an admin who does not use a share", async () => {
    for (const [method, path] of [
      ["POST", "/namespaces"],
      ["DELETE", "/namespaces/unified"],
      ["POST", "/namespaces/unified/properties"],
      ["POST", "/namespaces/unified/tables"],
      ["DELETE", "/namespaces/unified/tables/orders"],
      ["POST", "/namespaces/unified/tables/orders"],
      ["POST", "/namespaces/unified/register"],
      ["POST", "/tables/rename"],
      ["POST", "/transactions/commit"],
      ["POST", "/namespaces/unified/views"],
      ["POST", "/namespaces/unified/views/v"],
      ["DELETE", "/namespaces/unified/views/v"],
      ["POST", "/namespaces/unified/register-view"],
      ["POST", "/views/rename"],
    ] as const) {
      const asked = { method, body: "{}" };
      expect(await refusal(await get(path, alice, asked))).toEqual(refused(403, "ForbiddenException"));
      expect(await refusal(await get(`/finance${path}`, admin, asked))).toEqual(
        refused(403, "ForbiddenException"),
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

describe("what an admin changes", () => {
  const send = (method: string, path: string, body?: unknown) =>
    get(path, admin, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  const schema = {
    type: "struct",
    fields: [
      { id: 7, name: "id", type: "long", required: false },
      { id: 9, name: "part", type: "string", required: false },
    ],
  };

  test("a namespace: made once, with properties, dropped when it is empty", async () => {
    const made = { namespace: ["fresh"], properties: { owner: "us" } };
    // By its location Trino knows that tables can be made in two steps.
    const location = `file://${served.project.lake.locate("fresh")}`;
    const shown = (owner: string) => ({ ...made, properties: { location, owner } });
    expect(await (await send("POST", "/namespaces", made)).json()).toEqual(shown("us"));
    expect(await refusal(await send("POST", "/namespaces", made))).toEqual(
      refused(409, "AlreadyExistsException"),
    );
    const change = { updates: { owner: "them" }, removals: ["nothing"] };
    expect(await (await send("POST", "/namespaces/fresh/properties", change)).json()).toEqual({
      updated: ["owner"],
      removed: [],
      missing: ["nothing"],
    });
    expect(await json("/namespaces/fresh", admin)).toEqual(shown("them"));
    expect(await refusal(await send("DELETE", "/namespaces/unified"))).toEqual(
      refused(409, "NamespaceNotEmptyException"),
    );
    expect((await send("DELETE", "/namespaces/fresh")).status).toBe(204);
    expect((await get("/namespaces/fresh", admin, { method: "HEAD" })).status).toBe(404);
  });

  test("a table: what Iceberg alone can say stays Iceberg's, and Delta sees the same columns", async () => {
    await send("POST", "/namespaces", { namespace: ["made"] });
    const spec = {
      fields: [{ "source-id": 7, "field-id": 1000, name: "shard", transform: "bucket[4]" }],
    };
    const created = await send("POST", "/namespaces/made/tables", {
      name: "t",
      schema,
      "partition-spec": spec,
      properties: { note: "x" },
    });
    expect(created.status).toBe(200);
    const { metadata } = (await created.json()) as { metadata: Record<string, unknown> };
    expect(metadata["partition-specs"]).toMatchObject([{ fields: [{ "source-id": 1, name: "shard" }] }]);
    const table = await served.catalog.find("made.t");
    const snapshot = await table!.snapshot();
    expect(snapshot).toMatchObject({ version: 0, tableId: metadata["table-uuid"], partitionColumns: [] });
    expect(snapshot.properties).toMatchObject({ note: "x" });
    expect(snapshot.schema.fields.map(({ id, name, type }) => [id, name, type])).toEqual([
      [1, "id", "long"],
      [2, "part", "string"],
    ]);

    const path = "/namespaces/made/tables/t";
    const set = { requirements: [], updates: [{ action: "set-properties", updates: { note: "y" } }] };
    expect((await send("POST", path, set)).status).toBe(200);
    expect((await table!.snapshot()).properties).toMatchObject({ note: "y" });
    // OneCopy's own write leaves the partitioning that it does not know.
    await table!.write(served.session, { mode: "append", query: "SELECT 1 AS id, 'a' AS part" });
    const after = (await json(path, admin)) as unknown as { metadata: Record<string, unknown> };
    expect(after.metadata["default-spec-id"]).toBe(metadata["default-spec-id"]);
    const stale = {
      requirements: [{ type: "assert-ref-snapshot-id", ref: "main", "snapshot-id": 1 }],
      updates: [],
    };
    expect(await refusal(await send("POST", path, stale))).toEqual(refused(409, "CommitFailedException"));
  });

  test.each([
    ["a column of a type that Delta has not", "add-schema", { type: "uuid" }, /has the type uuid/],
    ["a column that refuses nulls, while there are rows", "add-schema", { required: true }, /refuses nulls/],
    [
      "a default for rows that are there",
      "add-schema",
      { "initial-default": 1 },
      /has a default for the rows/,
    ],
  ])("not %s", async (_, action, part, message) => {
    const column = { id: 50, name: "new", type: "int", required: false, ...part };
    const { metadata } = (await json("/namespaces/made/tables/t", admin)) as unknown as {
      metadata: { schemas: (typeof schema)[] };
    };
    const fields = [...metadata.schemas.at(-1)!.fields, column];
    const response = await send("POST", "/namespaces/made/tables/t", {
      requirements: [],
      updates: [
        { action, schema: { type: "struct", fields } },
        { action: "set-current-schema", "schema-id": -1 },
      ],
    });
    expect(response.status).toBe(400);
    expect(await response.text()).toMatch(message);
  });

  test.each([
    ["another place for the table", { action: "set-location", location: "file:///etc" }],
    ["OneCopy's own properties", { action: "set-properties", updates: { "onecopy.last-field-id": "1" } }],
    [
      "a mode that there is not",
      { action: "set-properties", updates: { "write.delete.mode": "merge-on-write" } },
    ],
    [
      "a snapshot whose files are elsewhere",
      {
        action: "add-snapshot",
        snapshot: {
          "snapshot-id": 77,
          "sequence-number": 99,
          "timestamp-ms": Date.now(),
          "manifest-list": "file:///etc/passwd",
          summary: { operation: "append" },
        },
      },
    ],
    [
      "rows on a branch",
      {
        action: "add-snapshot",
        snapshot: { "snapshot-id": 78, "sequence-number": 99, "timestamp-ms": 1, "manifest-list": "x" },
      },
    ],
  ])("not %s", async (_, update) => {
    const before = (await served.catalog.snapshot("made.t"))!.version;
    const main = { action: "set-snapshot-ref", "ref-name": "main", type: "branch", "snapshot-id": 77 };
    const isOnMain = JSON.stringify(update).includes("passwd");
    const updates = isOnMain ? [update, main] : [update];
    const response = await send("POST", "/namespaces/made/tables/t", { requirements: [], updates });
    expect(await refusal(response)).toEqual(refused(400, "BadRequestException"));
    expect((await served.catalog.snapshot("made.t"))!.version).toBe(before);
  });

  test("one table in a transaction, not several, which would not be one for Delta", async () => {
    const one = {
      identifier: { namespace: ["made"], name: "t" },
      requirements: [],
      updates: [{ action: "set-properties", updates: { note: "z" } }],
    };
    expect((await send("POST", "/transactions/commit", { "table-changes": [one] })).status).toBe(204);
    expect((await served.catalog.snapshot("made.t"))!.properties).toMatchObject({ note: "z" });
    const both = await send("POST", "/transactions/commit", { "table-changes": [one, one] });
    expect(await refusal(both)).toEqual(refused(406, "UnsupportedOperationException"));
  });

  test("a dropped table can have its name back, and a purged one not", async () => {
    const location = ((await json("/namespaces/made/tables/t", admin)) as unknown as Record<string, string>)[
      "metadata-location"
    ];
    expect((await send("DELETE", "/namespaces/made/tables/t")).status).toBe(204);
    const request = { name: "again", "metadata-location": location };
    expect((await send("POST", "/namespaces/made/register", request)).status).toBe(200);
    expect(await refusal(await send("POST", "/namespaces/made/register", request))).toEqual(
      refused(409, "AlreadyExistsException"),
    );
    const purge = (value: string) => send("DELETE", `/namespaces/made/tables/again?purgeRequested=${value}`);
    expect(await refusal(await purge("yes"))).toEqual(refused(400, "BadRequestException"));
    // As PyIceberg says it.
    expect((await purge("True")).status).toBe(204);
    expect(await refusal(await send("POST", "/namespaces/made/register", request))).toMatchObject({
      status: 404,
    });
  });

  test("a purge that died is finished by who drops the table again, and until then its name is taken", async () => {
    const path = "/namespaces/made/tables";
    expect((await send("POST", path, { name: "p", schema })).status).toBe(200);
    const { folder } = (await served.catalog.names()).tables.get("made.p")!;
    const { lake } = served.project;
    // As far as a purge comes that dies after its first steps.
    await lake.put(`${folder}/_iceberg/maintain/drop.json`, "{}\n");
    for await (const { key } of lake.list(`${folder}/_delta_log/`)) await lake.delete(key);
    const commit = { requirements: [], updates: [{ action: "set-properties", updates: { a: "b" } }] };
    expect(await (await send("POST", `${path}/p`, commit)).text()).toContain("drop it again to finish that");
    expect(await refusal(await send("POST", path, { name: "p", schema }))).toEqual(
      refused(409, "AlreadyExistsException"),
    );
    expect((await send("DELETE", `${path}/p`)).status).toBe(204);
    for await (const { key } of lake.list(`${folder}/`)) throw new Error(`${key} is still there`);
    expect(await refusal(await send("DELETE", `${path}/p`))).toEqual(refused(404, "NoSuchTableException"));
    expect((await send("POST", path, { name: "p", schema })).status).toBe(200);
  });

  test("what may not be erased keeps its name", async () => {
    const { folder } = (await served.catalog.names()).tables.get("made.p")!;
    await served.project.lake.put(`${folder}/other/of-somebody-else.txt`, "x");
    const purge = await send("DELETE", "/namespaces/made/tables/p?purgeRequested=true");
    expect(await purge.text()).toContain("of-somebody-else.txt");
    expect((await get("/namespaces/made/tables/p", admin)).status).toBe(200);
  });

  test("bodies that are no JSON, or not what they have to be, are refused with the place", async () => {
    const path = "/namespaces/made/tables";
    const text = await get(path, admin, { method: "POST", body: "{" });
    expect(await refusal(text)).toEqual(refused(400, "BadRequestException"));
    const wrong = await send("POST", path, { name: 1, schema });
    expect(await wrong.text()).toContain("name: ");
  });
});

test("a metrics report is taken of who sees the table, and of nobody else; what is no report is refused", async () => {
  const post = (table: string, token: string, body: unknown) =>
    get(`/namespaces/unified/tables/${table}/metrics`, token, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  const report = {
    "report-type": "scan-report",
    "table-name": "unified.orders",
    "snapshot-id": 1,
    filter: true,
    "schema-id": 0,
    "projected-field-ids": [],
    "projected-field-names": [],
    metrics: {},
  };
  expect((await post("orders", bob, report)).status).toBe(204);
  expect(await refusal(await post("customer_360", bob, report))).toEqual(
    refused(404, "NoSuchTableException"),
  );
  expect(await refusal(await post("orders", bob, { "report-type": 7 }))).toEqual(
    refused(400, "BadRequestException"),
  );
});
