import { type Context, Hono } from "hono";
import { type Authenticated, bearer } from "../bearer.ts";
import type { BridgeContext } from "../context.ts";
import { refuse } from "../error.ts";
import { pageOf } from "../paging.ts";
import { quoted } from "../shared-table.ts";
import { errorAnswer, missing, unauthenticated } from "./error.ts";
import { loadedTable } from "./load-table.ts";
import { warehouseTables } from "./warehouse.ts";

/** What there is, in the words of the specification's paths; clients do not ask for anything else. */
const ENDPOINTS = [
  "GET /v1/{prefix}/namespaces",
  "GET /v1/{prefix}/namespaces/{namespace}",
  "HEAD /v1/{prefix}/namespaces/{namespace}",
  "GET /v1/{prefix}/namespaces/{namespace}/tables",
  "GET /v1/{prefix}/namespaces/{namespace}/tables/{table}",
  "HEAD /v1/{prefix}/namespaces/{namespace}/tables/{table}",
];

type C = Context<Authenticated>;

/**
 * The read side of the Iceberg REST catalog (apache/iceberg, open-api/rest-catalog-open-api.yaml), mounted so
 * that `/v1/config` follows. Names have one level: a namespace, and a table in it.
 */
export function icebergRest(context: BridgeContext): Hono<Authenticated> {
  const app = new Hono<Authenticated>();
  app.onError((error, c) => errorAnswer(c, error, context.onError));
  app.use(bearer(context, unauthenticated));

  app.get("/v1/config", async (c) => {
    const warehouse = c.req.query("warehouse") || undefined;
    if ((await warehouseTables(context, c.var.principal, warehouse)) === undefined) {
      return noWarehouse(c, warehouse);
    }
    const overrides = warehouse === undefined ? {} : { prefix: warehouse };
    return c.json({ defaults: {}, overrides, endpoints: ENDPOINTS });
  });

  const tablesOf = (c: C) => warehouseTables(context, c.var.principal, c.req.param("prefix"));

  for (const root of ["/v1/namespaces", "/v1/:prefix/namespaces"]) {
    app.get(root, async (c) => {
      const tables = await tablesOf(c);
      if (tables === undefined) return noWarehouse(c, c.req.param("prefix"));
      const namespaces = [...new Set(tables.map((table) => table.namespace))].sort();
      const parent = c.req.query("parent") || undefined;
      if (parent !== undefined && !namespaces.includes(parent)) return noNamespace(c, parent);
      const page = paged(c, parent === undefined ? namespaces : [], (name) => name);
      return c.json({ namespaces: page.items.map((name) => [name]), ...page.next });
    });

    app.get(`${root}/:namespace`, async (c) => {
      const namespace = c.req.param("namespace") ?? "";
      const tables = await tablesOf(c);
      if (tables?.some((table) => table.namespace === namespace) !== true) return noNamespace(c, namespace);
      if (c.req.method === "HEAD") return c.body(null, 204);
      return c.json({ namespace: [namespace], properties: {} });
    });

    app.get(`${root}/:namespace/tables`, async (c) => {
      const namespace = c.req.param("namespace") ?? "";
      const tables = (await tablesOf(c))?.filter((table) => table.namespace === namespace) ?? [];
      if (tables.length === 0) return noNamespace(c, namespace);
      const page = paged(c, tables.map((table) => table.name).sort(), (name) => name);
      return c.json({
        identifiers: page.items.map((name) => ({ namespace: [namespace], name })),
        ...page.next,
      });
    });

    app.get(`${root}/:namespace/tables/:table`, async (c) => {
      const { namespace = "", table: name = "" } = c.req.param() as Record<string, string>;
      const visible = (await tablesOf(c))?.some((t) => t.namespace === namespace && t.name === name);
      const table = visible === true ? await context.catalog.find(`${namespace}.${name}`) : undefined;
      if (table === undefined) return noTable(c, namespace, name);
      if (c.req.method === "HEAD") return c.body(null, 204);
      const loaded = loadedTable(await table.snapshot());
      if (loaded === undefined) return notIcebergYet(c, namespace, name);
      c.header("ETag", loaded.etag);
      c.header("Cache-Control", "private, no-cache");
      if (c.req.header("if-none-match") === loaded.etag) return c.body(null, 304);
      return c.body(await loaded.body(), 200, { "Content-Type": "application/json" });
    });
  }

  app.all("*", (c) => {
    if (c.req.method === "GET" || c.req.method === "HEAD") {
      throw refuse("not_found", "There is nothing at this address.");
    }
    throw refuse("unsupported", "This catalog can be read only. Change the table where OneCopy runs.");
  });
  return app;
}

/** All of it, unless the client asks for pages (specification, `PageToken`). */
function paged<Item>(c: C, sorted: readonly Item[], nameOf: (item: Item) => string) {
  const [size, token] = [c.req.query("pageSize"), c.req.query("pageToken")];
  if (size === undefined && token === undefined) return { items: sorted, next: {} };
  const page = pageOf(sorted, nameOf, size, token);
  return {
    items: page.items,
    next: page.nextPageToken === undefined ? {} : { "next-page-token": page.nextPageToken },
  };
}

function noWarehouse(c: C, name: string | undefined): Response {
  return missing(c, "NoSuchWarehouseException", `There is no share ${quoted(name ?? "")} for you.`);
}

function noNamespace(c: C, name: string): Response {
  return missing(c, "NoSuchNamespaceException", `Namespace does not exist: ${quoted(name)}`);
}

function noTable(c: C, namespace: string, name: string): Response {
  return missing(c, "NoSuchTableException", `Table does not exist: ${quoted(`${namespace}.${name}`)}`);
}

function notIcebergYet(c: C, namespace: string, name: string): Response {
  const table = quoted(`${namespace}.${name}`);
  const message = `${table} has no Iceberg metadata yet: it has it from OneCopy's next commit on. Until then read it as Delta.`;
  return missing(c, "NoSuchIcebergTableException", message);
}
