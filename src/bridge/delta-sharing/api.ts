import { z } from "zod";
import type { Answers, Api, Operation } from "../openapi/index.ts";
import { tokenOperation } from "../oauth.ts";
import { CAPABILITIES_HEADER, FILE_ID_HASH_HEADER } from "./capabilities.ts";
import { CredentialsRequest } from "./directory.ts";
import { QueryRequest } from "./query.ts";
import { SIGNATURE_KEY } from "./signed-url.ts";

/* The protocol's routes for the OpenAPI document; PROTOCOL.md, "REST APIs". */

const text = z.string();
const count = z.string().regex(/^\d{1,10}$/);
const version = z.string().regex(/^\d{1,15}$/);
const timestamp = z.iso.datetime();
const capabilities = { [CAPABILITIES_HEADER]: text.optional() };
const fileIdHash = { [FILE_ID_HASH_HEADER]: z.enum(["parquet", "delta"]) };
const pages = { maxResults: count, pageToken: text };

const error = z.object({ errorCode: text, message: text }).meta({ id: "DeltaSharingError" });
const refused = (description: string) => ({ description, shape: error });

/** One page of a list. */
const pageOf = (item: z.ZodType) => z.object({ items: z.array(item), nextPageToken: text.optional() });
const share = z.object({ name: text });
const schema = share.extend({ share: text });
const table = schema.extend({ schema: text });

const listOf = (item: z.ZodType) => ({ description: "A page of the list.", shape: pageOf(item) });

const action = z.union([
  z.object({ protocol: z.looseObject({}) }),
  z.object({ metaData: z.looseObject({}) }),
  z.object({ file: z.looseObject({ id: text }) }),
  z.object({ add: z.looseObject({ url: text }) }),
  z.object({ remove: z.looseObject({ url: text }) }),
  z.object({ cdf: z.looseObject({ url: text }) }),
  z.object({ endStreamAction: z.looseObject({}) }),
]);

const credentials = z.object({
  location: text,
  awsTempCredentials: z.object({ accessKeyId: text, secretAccessKey: text, sessionToken: text }),
  expirationTime: z.int().describe("Milliseconds since 1970."),
});

/** Lines of JSON: the array's items, each on a line of its own. */
const lines = {
  description: "One JSON object a line (NDJSON).",
  type: "application/x-ndjson; charset=utf-8",
  shape: z.array(action).meta({ id: "Lines" }),
  headers: ["Delta-Table-Version", CAPABILITIES_HEADER],
};
const ofVersion = { description: "No body.", headers: ["Delta-Table-Version"] };
const bytes = { description: "The file's bytes.", type: "application/octet-stream" };

const TABLE = "/shares/:share/schemas/:schema/tables/:table";

const operations: readonly Operation[] = [
  { method: "get", path: "/shares", summary: "List shares", query: pages, answers: { 200: listOf(share) } },
  {
    method: "get",
    path: "/shares/:share",
    summary: "Get a share",
    answers: { 200: { description: "The share.", shape: z.object({ share }) } },
  },
  {
    method: "get",
    path: "/shares/:share/schemas",
    summary: "List a share's schemas",
    query: pages,
    answers: { 200: listOf(schema) },
  },
  {
    method: "get",
    path: "/shares/:share/schemas/:schema/tables",
    summary: "List a schema's tables",
    query: pages,
    answers: { 200: listOf(table) },
  },
  {
    method: "get",
    path: "/shares/:share/all-tables",
    summary: "List a share's tables",
    query: pages,
    answers: { 200: listOf(table) },
  },
  ...(
    [
      ["get", `${TABLE}/version`],
      ["head", TABLE],
      ["get", TABLE],
    ] as const
  ).map(([method, path]) => ({
    method,
    path,
    summary: "A table's newest version, or the first one since a moment",
    query: { startingTimestamp: timestamp },
    answers: { 200: ofVersion },
  })),
  {
    method: "get",
    path: `${TABLE}/metadata`,
    summary: "What a table is, at a version",
    query: { version, timestamp },
    headers: capabilities,
    answers: { 200: lines },
  },
  {
    method: "post",
    path: `${TABLE}/query`,
    summary: "A table's files at a version, or those that came and went since one",
    headers: { ...capabilities, ...fileIdHash },
    body: { shape: QueryRequest.meta({ id: "Query" }), optional: true },
    answers: { 200: lines },
  },
  {
    method: "get",
    path: `${TABLE}/changes`,
    summary: "A table's change data feed",
    query: {
      startingVersion: version,
      startingTimestamp: timestamp,
      endingVersion: version,
      endingTimestamp: timestamp,
      includeHistoricalMetadata: z.enum(["true", "false"]),
      includeHistoricalProtocol: z.enum(["true", "false"]),
    },
    headers: { ...capabilities, ...fileIdHash },
    answers: { 200: lines },
  },
  {
    method: "post",
    path: `${TABLE}/queries/:query`,
    summary: "Asks for an asynchronous query's answer: refused, there are none",
    answers: {},
  },
  {
    method: "post",
    path: `${TABLE}/temporary-table-credentials`,
    summary: "Keys to a table's folder in the storage, to read it",
    body: { shape: CredentialsRequest.meta({ id: "TemporaryTableCredentials" }), optional: true },
    answers: { 200: { description: "The keys.", shape: z.object({ credentials }) } },
  },
  ...(["get", "head"] as const).map((method) => ({
    method,
    path: "/files/:answer/:file",
    summary: "A file by its signed URL, whole or in part",
    query: { [SIGNATURE_KEY]: text },
    headers: { range: text, "if-range": text },
    answers: {
      200: bytes,
      206: { ...bytes, headers: ["Content-Range"] },
      416: { description: "The range lies behind the file's end.", headers: ["Content-Range"] },
    },
    isOpen: true as const,
  })),
  {
    method: "post",
    path: "/activation",
    summary: "A recipient's profile file for the secret of its one-time link, as the bearer token",
    answers: {
      200: {
        description: "The profile file, version 1 or 2.",
        shape: z.looseObject({ shareCredentialsVersion: z.int(), endpoint: text }),
        headers: ["Content-Disposition"],
      },
      410: refused("The link was opened already, has expired, or was revoked."),
    },
  },
  tokenOperation("/oauth/token"),
];

export const deltaSharingApi: Api = {
  root: "/delta-sharing",
  description: "Delta Sharing (github.com/delta-io/delta-sharing, PROTOCOL.md).",
  operations,
  errors: ({ isOpen, body }): Answers => ({
    400: refused("The request can't be understood."),
    ...(isOpen === true ? {} : { 401: refused("There is no valid token.") }),
    404: refused("There is no such thing for you."),
    403: refused("The token may not be used from there, or the file's URL is not good any more."),
    ...(body === undefined ? {} : { 413: refused("The request is too large.") }),
    429: refused("There were too many requests."),
    503: refused("The storage can't be used now."),
  }),
};
