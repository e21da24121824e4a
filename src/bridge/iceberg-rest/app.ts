import { Hono } from "hono";
import { audited } from "../audited.ts";
import { type Authenticated, bearer } from "../bearer.ts";
import type { BridgeContext } from "../context.ts";
import { refuse } from "../error.ts";
import { boundedForm, tokenAnswer } from "../oauth.ts";
import { errorAnswer, notLetIn, unavailable } from "./error.ts";
import { KeptAnswers } from "./kept-answers.ts";
import { metricsRoute } from "./metrics.ts";
import { namespaceRoutes } from "./namespaces.ts";
import { boundedRequest, mayWrite } from "./request.ts";
import { lakeRoutes, tableRoutes } from "./tables.ts";
import { credentialsRoute } from "./vended-keys.ts";
import { viewRoutes } from "./views.ts";
import { requireWarehouse } from "./warehouse.ts";

/** What there is, in the words of the specification's paths; clients do not ask for anything else. */
const READS = [
  "GET /v1/{prefix}/namespaces",
  "GET /v1/{prefix}/namespaces/{namespace}",
  "HEAD /v1/{prefix}/namespaces/{namespace}",
  "GET /v1/{prefix}/namespaces/{namespace}/tables",
  "GET /v1/{prefix}/namespaces/{namespace}/tables/{table}",
  "HEAD /v1/{prefix}/namespaces/{namespace}/tables/{table}",
  "POST /v1/{prefix}/namespaces/{namespace}/tables/{table}/metrics",
  "GET /v1/{prefix}/namespaces/{namespace}/views",
  "GET /v1/{prefix}/namespaces/{namespace}/views/{view}",
  "HEAD /v1/{prefix}/namespaces/{namespace}/views/{view}",
];

/** Where the lake's store lends keys. */
const CREDENTIALS = "GET /v1/{prefix}/namespaces/{namespace}/tables/{table}/credentials";

/** For admins, who see the whole lake, and for recipients in the namespaces that they may write. */
const WRITES = [
  "POST /v1/{prefix}/namespaces",
  "DELETE /v1/{prefix}/namespaces/{namespace}",
  "POST /v1/{prefix}/namespaces/{namespace}/properties",
  "POST /v1/{prefix}/namespaces/{namespace}/tables",
  "POST /v1/{prefix}/namespaces/{namespace}/tables/{table}",
  "DELETE /v1/{prefix}/namespaces/{namespace}/tables/{table}",
  "POST /v1/{prefix}/namespaces/{namespace}/register",
  "POST /v1/{prefix}/tables/rename",
  "POST /v1/{prefix}/transactions/commit",
  "POST /v1/{prefix}/namespaces/{namespace}/views",
  "POST /v1/{prefix}/namespaces/{namespace}/views/{view}",
  "DELETE /v1/{prefix}/namespaces/{namespace}/views/{view}",
  "POST /v1/{prefix}/namespaces/{namespace}/register-view",
  "POST /v1/{prefix}/views/rename",
];

/**
 * The Iceberg REST catalog (apache/iceberg, open-api/rest-catalog-open-api.yaml), mounted so that `/v1/config` follows.
 * Names have one level: a namespace, and a table in it. A commit to a table is one commit of both formats.
 */
export function icebergRest(context: BridgeContext): Hono<Authenticated> {
  const app = new Hono<Authenticated>();
  app.onError((error, c) => errorAnswer(c, error, context.onError));
  app.use(audited(context, "iceberg", unavailable));
  app.post("/v1/oauth/tokens", boundedForm, (c) => tokenAnswer(context, c));
  // From here on, nothing is answered without a token, and no body is read.
  app.use(bearer(context, notLetIn));
  app.use(boundedRequest);

  app.get("/v1/config", async (c) => {
    const warehouse = c.req.query("warehouse") || undefined;
    await requireWarehouse(context, c, warehouse);
    const overrides = warehouse === undefined ? {} : { prefix: warehouse };
    const { kind, writes: written } = c.var.principal;
    const writes = (kind === "admin" || written.length > 0) && warehouse === undefined;
    // Iceberg's Java library would ask for the next token by the last one, which is to end; so it asks by the secret.
    const defaults = { "token-exchange-enabled": "false" };
    const reads = context.lake.lending?.keysTo === undefined ? READS : [...READS, CREDENTIALS];
    return c.json({ defaults, overrides, endpoints: writes ? [...reads, ...WRITES] : reads });
  });

  const tables = { ...context, kept: new KeptAnswers() };
  for (const root of ["/v1", "/v1/:prefix"]) {
    namespaceRoutes(app, `${root}/namespaces`, context);
    tableRoutes(app, `${root}/namespaces`, tables);
    credentialsRoute(app, `${root}/namespaces`, context);
    metricsRoute(app, `${root}/namespaces`, context);
    lakeRoutes(app, root, tables);
    viewRoutes(app, root, context);
  }

  app.all("*", (c) => {
    if (c.req.method === "GET" || c.req.method === "HEAD")
      throw refuse("not_found", "There is nothing at this address.");
    mayWrite(c);
    throw refuse("unsupported", "This catalog does not do that.");
  });
  return app;
}
