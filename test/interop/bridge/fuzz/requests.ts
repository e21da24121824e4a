/*
 * One good request for each operation of the OpenAPI document, and who is to be answered well: everybody else asks the
 * same, and is not. So no operation is refused to all, whatever schemathesis makes up, and none is open to more than it
 * should be.
 */

export const PRINCIPALS = ["nobody", "alice", "engine", "owner"] as const;
export type Principal = (typeof PRINCIPALS)[number];

export interface Request {
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Default: that of who asks. */
  readonly token?: string;
}

/** What is known only once the server is there. */
export interface Known {
  readonly tokens: Readonly<Record<string, string>>;
  /** The secret of a one-time link. */
  readonly link: string;
  readonly profile: string;
  readonly answer: string;
  readonly file: string;
  readonly signature: string;
  /** By namespace: metadata files that no name belongs to. */
  readonly tableMetadata: Readonly<Record<string, string>>;
  readonly viewMetadata: Readonly<Record<string, string>>;
}

/** By operation: who is answered well, and how each of them asks. */
export type Requests = Readonly<Record<string, readonly [readonly Principal[], (who: Principal) => Request]>>;

/** Where each of those that may write does so; who may not tries it where the engine does. */
export const OWN_NAMESPACES = { engine: "lab", owner: "scratch" } as const;
const ownOf = (who: Principal): "lab" | "scratch" => OWN_NAMESPACES[who === "owner" ? who : "engine"];
/** A namespace that is to be made, or dropped. */
export const named = (what: "made" | "empty", who: Principal): string =>
  `${what}_${who === "owner" ? who : "engine"}`;

const SHARED = { namespace: "unified", table: "customer_360" };
const READERS = ["alice", "owner"] as const;
const WRITERS = ["engine", "owner"] as const;
const KNOWN = ["alice", "engine", "owner"] as const;

export const SCHEMA = { type: "struct", fields: [{ id: 1, name: "c0", type: "long", required: false }] };

export function newView(name: string, namespace: string): object {
  const representations = [{ type: "sql", sql: "SELECT 1", dialect: "spark" }];
  const version = { "version-id": 1, "schema-id": 0, "timestamp-ms": 1, representations };
  return { name, schema: SCHEMA, "view-version": { ...version, "default-namespace": [namespace] } };
}

export function requests(known: Known): Requests {
  return {
    ...deltaSharing(known),
    ...icebergBelow("/iceberg/v1", known),
    ...ofShare(icebergBelow("/iceberg/v1/{prefix}", known)),
    "POST /iceberg/v1/oauth/tokens": [PRINCIPALS, () => credentials(known)],
    "GET /iceberg/v1/config": [KNOWN, () => ({})],
    "GET /api/overview": [["owner"], () => ({})],
    "GET /api/people-report": [["owner"], () => ({})],
    "GET /api/profiles": [["owner"], () => ({ query: { q: "quimby" } })],
    "GET /api/profiles/{id}": [["owner"], () => ({ path: { id: known.profile } })],
    "POST /api/recipients/{name}/profile": [["owner"], () => ({ path: { name: "alice" } })],
  };
}

/** The secret is in the body, whoever asks. */
function credentials({ tokens }: Known): Request {
  return { body: { grant_type: "client_credentials", client_secret: tokens["alice"] } };
}

function deltaSharing(known: Known): Requests {
  const shares = "/delta-sharing/shares/{share}";
  const table = `${shares}/schemas/{schema}/tables/{table}`;
  const [share, schema] = [{ share: "analytics" }, { share: "analytics", schema: "unified" }];
  const path = { ...schema, table: "customer_360" };
  const { answer, file, signature } = known;
  const signed = () => ({ path: { answer, file }, query: { "X-Amz-Signature": signature } });
  return {
    "POST /delta-sharing/oauth/token": [PRINCIPALS, () => credentials(known)],
    "GET /delta-sharing/shares": [KNOWN, () => ({})],
    [`GET ${shares}`]: [READERS, () => ({ path: share })],
    [`GET ${shares}/schemas`]: [READERS, () => ({ path: share })],
    [`GET ${shares}/schemas/{schema}/tables`]: [READERS, () => ({ path: schema })],
    [`GET ${shares}/all-tables`]: [READERS, () => ({ path: share })],
    [`GET ${table}`]: [READERS, () => ({ path })],
    [`HEAD ${table}`]: [READERS, () => ({ path })],
    [`GET ${table}/version`]: [READERS, () => ({ path })],
    [`GET ${table}/metadata`]: [READERS, () => ({ path })],
    [`POST ${table}/query`]: [READERS, () => ({ path, body: { limitHint: 1 } })],
    [`GET ${table}/changes`]: [READERS, () => ({ path, query: { startingVersion: "0" } })],
    "POST /delta-sharing/activation": [["alice"], (who) => (who === "alice" ? { token: known.link } : {})],
    // There are no such queries, and only some stores have keys.
    [`POST ${table}/queries/{query}`]: [[], () => ({ path: { ...path, query: "q" } })],
    [`POST ${table}/temporary-table-credentials`]: [[], () => ({ path })],
    // The signature stands in for the token.
    "GET /delta-sharing/files/{answer}/{file}": [PRINCIPALS, signed],
    "HEAD /delta-sharing/files/{answer}/{file}": [PRINCIPALS, signed],
  };
}

function icebergBelow(root: string, { tableMetadata, viewMetadata }: Known): Requests {
  const ofNamespace = `${root}/namespaces/{namespace}`;
  const readable = (who: Principal) =>
    who === "engine" || who === "owner" ? { namespace: ownOf(who), table: "t" } : SHARED;
  const inReadable = (who: Principal) => ({ path: { namespace: readable(who).namespace } });
  const read = (who: Principal) => ({ path: readable(who) });
  const inOwn = (who: Principal, body: unknown) => ({ path: { namespace: ownOf(who) }, body });
  const ofTable = (who: Principal, table: string) => ({ path: { namespace: ownOf(who), table } });
  const ofView = (who: Principal, view: string) => ({ path: { namespace: ownOf(who), view } });
  const identifier = (who: Principal, name: string) => ({ namespace: [ownOf(who)], name });
  const commit = { requirements: [], updates: [{ action: "set-properties", updates: { a: "b" } }] };
  const rename = (who: Principal, name: string) => ({
    body: { source: identifier(who, `old_${name}`), destination: identifier(who, `new_${name}`) },
  });
  const metrics = { "report-type": "scan-report", "table-name": "t", "snapshot-id": 1 };
  const registered = (who: Principal, metadata: Readonly<Record<string, string>>) =>
    inOwn(who, { name: "registered", "metadata-location": metadata[ownOf(who)] });
  return {
    [`GET ${root}/namespaces`]: [KNOWN, () => ({})],
    [`GET ${ofNamespace}`]: [KNOWN, inReadable],
    [`HEAD ${ofNamespace}`]: [KNOWN, inReadable],
    [`GET ${ofNamespace}/tables`]: [KNOWN, inReadable],
    [`GET ${ofNamespace}/views`]: [KNOWN, inReadable],
    [`GET ${ofNamespace}/tables/{table}`]: [KNOWN, read],
    [`HEAD ${ofNamespace}/tables/{table}`]: [KNOWN, read],
    // Only some stores have keys.
    [`GET ${ofNamespace}/tables/{table}/credentials`]: [[], read],
    [`POST ${ofNamespace}/tables/{table}/metrics`]: [KNOWN, (who) => ({ ...read(who), body: metrics })],
    [`POST ${root}/namespaces`]: [WRITERS, (who) => ({ body: { namespace: [named("made", who)] } })],
    [`DELETE ${ofNamespace}`]: [WRITERS, (who) => ({ path: { namespace: named("empty", who) } })],
    [`POST ${ofNamespace}/properties`]: [WRITERS, (who) => inOwn(who, { updates: { a: "b" } })],
    [`POST ${ofNamespace}/tables`]: [WRITERS, (who) => inOwn(who, { name: "made", schema: SCHEMA })],
    [`POST ${ofNamespace}/tables/{table}`]: [WRITERS, (who) => ({ ...ofTable(who, "t"), body: commit })],
    [`DELETE ${ofNamespace}/tables/{table}`]: [WRITERS, (who) => ofTable(who, "unwanted")],
    [`POST ${ofNamespace}/register`]: [["owner"], (who) => registered(who, tableMetadata)],
    [`POST ${root}/tables/rename`]: [WRITERS, (who) => rename(who, "t")],
    [`POST ${root}/transactions/commit`]: [
      WRITERS,
      (who) => ({ body: { "table-changes": [{ identifier: identifier(who, "t"), ...commit }] } }),
    ],
    [`GET ${ofNamespace}/views/{view}`]: [WRITERS, (who) => ofView(who, "v")],
    [`HEAD ${ofNamespace}/views/{view}`]: [WRITERS, (who) => ofView(who, "v")],
    [`POST ${ofNamespace}/views`]: [WRITERS, (who) => inOwn(who, newView("made_view", ownOf(who)))],
    [`POST ${ofNamespace}/views/{view}`]: [WRITERS, (who) => ({ ...ofView(who, "v"), body: commit })],
    [`DELETE ${ofNamespace}/views/{view}`]: [WRITERS, (who) => ofView(who, "unwanted_view")],
    [`POST ${ofNamespace}/register-view`]: [
      WRITERS,
      (who) => inOwn(who, { name: "registered_view", "metadata-location": viewMetadata[ownOf(who)] }),
    ],
    [`POST ${root}/views/rename`]: [WRITERS, (who) => rename(who, "view")],
  };
}

/** Below a share: the reads are of its tables and for its readers, and nothing else is for anybody. */
function ofShare(all: Requests): Requests {
  return Object.fromEntries(
    Object.entries(all).map(([operation, [readers, request]]) => {
      const isRead = readers === KNOWN;
      const path = (who: Principal) => ({
        ...request(isRead ? "alice" : who).path,
        prefix: "analytics",
      });
      return [
        operation,
        [
          isRead ? READERS : [],
          (who: Principal) => ({ ...request(isRead ? "alice" : who), path: path(who) }),
        ],
      ];
    }),
  );
}
