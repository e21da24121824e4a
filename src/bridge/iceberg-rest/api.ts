import { z } from "zod";
import { tokenOperation } from "../oauth.ts";
import type { Answers, Api, Operation } from "../openapi/index.ts";
import { metricsReport } from "./metrics.ts";
import { namespaceChange, namespaceToCreate } from "./namespaces.ts";
import { identifier, toRename } from "./request.ts";
import { tableCommit, tableToCreate, tableToRegister, transaction } from "./tables.ts";
import { DELEGATION_HEADER } from "./vended-keys.ts";
import { newView } from "./view-metadata.ts";
import { viewCommit, viewToRegister } from "./views.ts";

/* The catalog's routes for the OpenAPI document; apache/iceberg, open-api/rest-catalog-open-api.yaml. */

const text = z.string();
const texts = z.record(text, text);
const count = text.regex(/^\d{1,10}$/);
const pages = { pageSize: count, pageToken: text };

const error = z
  .object({ error: z.object({ message: text, type: text, code: z.int() }) })
  .meta({ id: "IcebergErrorResponse" });
const refused = (description: string) => ({ description, shape: error });

const namespace = {
  description: "The namespace.",
  shape: z.object({ namespace: z.array(text), properties: texts }),
};
const identifiers = {
  description: "The names, all or a page of them.",
  shape: z.object({ identifiers: z.array(identifier), "next-page-token": text.optional() }),
};
const storageCredentials = z.array(z.object({ prefix: text, config: texts }));
const loaded = z.looseObject({
  "metadata-location": text,
  metadata: z.looseObject({ location: text }),
  config: texts.optional(),
  "storage-credentials": storageCredentials.optional(),
});
/** The ways to the files that the client knows; none but `vended-credentials` is there. */
const delegation = { [DELEGATION_HEADER]: text };
const done = { description: "Done." };
const isThere = { description: "It is there." };

const ofPrefix: readonly Operation[] = [
  {
    method: "get",
    path: "/namespaces",
    summary: "List namespaces",
    query: { parent: text, ...pages },
    answers: {
      200: {
        description: "The names, all or a page of them.",
        shape: z.object({ namespaces: z.array(z.array(text)), "next-page-token": text.optional() }),
      },
    },
  },
  {
    method: "post",
    path: "/namespaces",
    summary: "Create a namespace",
    body: { shape: namespaceToCreate.meta({ id: "CreateNamespaceRequest" }) },
    answers: { 200: namespace },
  },
  {
    method: "get",
    path: "/namespaces/:namespace",
    summary: "Load a namespace's properties",
    answers: { 200: namespace },
  },
  {
    method: "head",
    path: "/namespaces/:namespace",
    summary: "Whether there is a namespace",
    answers: { 204: isThere },
  },
  {
    method: "delete",
    path: "/namespaces/:namespace",
    summary: "Drop an empty namespace",
    answers: { 204: done },
  },
  {
    method: "post",
    path: "/namespaces/:namespace/properties",
    summary: "Set and remove a namespace's properties",
    body: { shape: namespaceChange.meta({ id: "UpdateNamespacePropertiesRequest" }) },
    answers: {
      200: {
        description: "Which were set, removed, and not there.",
        shape: z.object({ updated: z.array(text), removed: z.array(text), missing: z.array(text) }),
      },
      422: refused("A property is to be both set and removed."),
    },
  },
  {
    method: "get",
    path: "/namespaces/:namespace/tables",
    summary: "List tables",
    query: pages,
    answers: { 200: identifiers },
  },
  {
    method: "post",
    path: "/namespaces/:namespace/tables",
    summary: "Create a table, or stage its creation",
    headers: delegation,
    body: { shape: tableToCreate.meta({ id: "CreateTableRequest" }) },
    answers: {
      200: {
        description: "The table; without a location when it was staged only.",
        shape: loaded.partial({ "metadata-location": true }),
      },
    },
  },
  {
    method: "get",
    path: "/namespaces/:namespace/tables/:table",
    summary: "Load a table",
    query: { snapshots: z.enum(["all", "refs"]) },
    headers: { "if-none-match": text, ...delegation },
    answers: {
      200: { description: "The table.", shape: loaded, headers: ["ETag"] },
      304: { description: "It is as it was." },
    },
  },
  {
    method: "get",
    path: "/namespaces/:namespace/tables/:table/credentials",
    summary: "Keys to a table's folder in the storage",
    answers: {
      200: { description: "The keys.", shape: z.object({ "storage-credentials": storageCredentials }) },
    },
  },
  {
    method: "head",
    path: "/namespaces/:namespace/tables/:table",
    summary: "Whether there is a table",
    answers: { 204: isThere },
  },
  {
    method: "post",
    path: "/namespaces/:namespace/tables/:table",
    summary: "Commit to a table",
    body: { shape: tableCommit.meta({ id: "CommitTableRequest" }) },
    answers: { 200: { description: "The table as it is now.", shape: loaded } },
  },
  {
    method: "delete",
    path: "/namespaces/:namespace/tables/:table",
    summary: "Drop a table",
    query: { purgeRequested: z.enum(["true", "false", "True", "False"]) },
    answers: { 204: done },
  },
  {
    method: "post",
    path: "/namespaces/:namespace/tables/:table/metrics",
    summary: "Report metrics of a scan or a commit",
    body: { shape: metricsReport.meta({ id: "ReportMetricsRequest" }) },
    answers: { 204: done },
  },
  {
    method: "post",
    path: "/namespaces/:namespace/register",
    summary: "Give a name to a table of the lake that has none",
    body: { shape: tableToRegister.meta({ id: "RegisterTableRequest" }) },
    answers: { 200: { description: "The table.", shape: loaded } },
  },
  {
    method: "post",
    path: "/tables/rename",
    summary: "Rename a table",
    body: { shape: toRename.meta({ id: "RenameRequest" }) },
    answers: { 204: done },
  },
  {
    method: "post",
    path: "/transactions/commit",
    summary: "Commit to a table, as a transaction of one",
    body: { shape: transaction.meta({ id: "CommitTransactionRequest" }) },
    answers: { 204: done },
  },
  {
    method: "get",
    path: "/namespaces/:namespace/views",
    summary: "List views",
    query: pages,
    answers: { 200: identifiers },
  },
  {
    method: "post",
    path: "/namespaces/:namespace/views",
    summary: "Create a view",
    body: { shape: newView.meta({ id: "CreateViewRequest" }) },
    answers: { 200: { description: "The view.", shape: loaded } },
  },
  {
    method: "get",
    path: "/namespaces/:namespace/views/:view",
    summary: "Load a view",
    answers: { 200: { description: "The view.", shape: loaded } },
  },
  {
    method: "head",
    path: "/namespaces/:namespace/views/:view",
    summary: "Whether there is a view",
    answers: { 204: isThere },
  },
  {
    method: "post",
    path: "/namespaces/:namespace/views/:view",
    summary: "Replace a view",
    body: { shape: viewCommit.meta({ id: "CommitViewRequest" }) },
    answers: { 200: { description: "The view as it is now.", shape: loaded } },
  },
  {
    method: "delete",
    path: "/namespaces/:namespace/views/:view",
    summary: "Drop a view",
    answers: { 204: done },
  },
  {
    method: "post",
    path: "/namespaces/:namespace/register-view",
    summary: "Give a name to the metadata of a view",
    body: { shape: viewToRegister.meta({ id: "RegisterViewRequest" }) },
    answers: { 200: { description: "The view.", shape: loaded } },
  },
  {
    method: "post",
    path: "/views/rename",
    summary: "Rename a view",
    body: { shape: toRename.meta({ id: "RenameRequest" }) },
    answers: { 204: done },
  },
];

const operations: readonly Operation[] = [
  tokenOperation("/v1/oauth/tokens"),
  {
    method: "get",
    path: "/v1/config",
    summary: "What the catalog can do, and where",
    query: { warehouse: text },
    answers: {
      200: {
        description: "The settings.",
        shape: z.object({ defaults: texts, overrides: texts, endpoints: z.array(text) }),
      },
    },
  },
  ...["/v1", "/v1/:prefix"].flatMap((root) =>
    ofPrefix.map((operation) => ({ ...operation, path: `${root}${operation.path}` })),
  ),
];

export const icebergApi: Api = {
  root: "/iceberg",
  description: "The Iceberg REST catalog (apache/iceberg, open-api/rest-catalog-open-api.yaml).",
  operations,
  errors: ({ method, body }): Answers => ({
    400: refused("The request can't be understood, or what it asks for can't be."),
    401: refused("There is no valid token."),
    403: refused("The token may not do this, or not from there."),
    404: refused("There is no such thing for you."),
    ...(method === "get" || method === "head"
      ? {}
      : {
          406: refused("The catalog does not do this."),
          409: refused("It exists already, or changed meanwhile."),
          500: refused("CommitStateUnknownException: whether the change was made is not known. Look."),
        }),
    ...(body === undefined ? {} : { 413: refused("The request is too large.") }),
    429: refused("There were too many requests."),
    503: refused("The storage can't be used now."),
  }),
};
