import { OneCopyError, sha256, stringifyLossless } from "../../../base/index.ts";
import { type Store, openStore } from "../../../storage/index.ts";
import { type Snapshot, readIcebergSnapshot } from "../../../table/index.ts";
import { badAnswer } from "../http.ts";
import { isLoopback, requireSafe, tokenSource } from "../oauth.ts";
import type { RemoteVersion } from "../remote-version.ts";
import { readSecret } from "../secret.ts";
import { type CatalogTableName, IcebergCatalog, type LoadedTable, type TableAnswer } from "./client.ts";
import { credentialsEndMs, vendedEnvironment } from "./credentials.ts";
import { RenewedStore } from "./renewed-store.ts";

/** A table of an Iceberg REST catalog, and how the catalog is reached. Secrets are `file:PATH` or `env:NAME`. */
export interface IcebergCatalogPlace {
  /** What stands before `/v1`. */
  readonly uri: string;
  /** `namespace.table`; a namespace of several levels has dots. */
  readonly table: string;
  readonly warehouse?: string | undefined;
  /** A bearer token. */
  readonly token?: string | undefined;
  /** `client_id:client_secret`, or the secret alone, for OAuth2 client credentials. */
  readonly credential?: string | undefined;
  /** Default: the catalog's own `/v1/oauth/tokens`. */
  readonly oauth2_server_uri?: string | undefined;
  readonly scope?: string | undefined;
}

interface Known {
  answer?: TableAnswer;
  /** Of the answer, once it was asked for. */
  snapshot?: Promise<Snapshot>;
}

/** The tables that this process asked for, so that an unchanged one is said to be so in a word (ETag), and not read again. */
const tables = new Map<string, Known>();
/** By who asks: each is asked once for its settings, and for a token as long as that is good. */
const catalogs = new Map<string, IcebergCatalog>();

/** The newest version, and how its files are found when they are wanted. Fails as {@link openCatalogTable} does. */
export async function catalogTableState(
  place: IcebergCatalogPlace,
  baseFolder: string,
): Promise<RemoteVersion & { readonly snapshot: () => Promise<Snapshot> }> {
  const known = await loaded(place, baseFolder);
  const { metadata } = known.answer.table;
  return {
    version: metadata["last-updated-ms"],
    tableId: metadata["table-uuid"] ?? metadata.location,
    snapshot: () => known.snapshot(),
  };
}

/**
 * The newest snapshot of a table of somebody else's Iceberg catalog, read from its storage: with the keys that the catalog
 * gives for it, else with this machine's own. Fails with `remote.*` (see `askRemote`, `readSecret`), and as
 * `readIcebergSnapshot` and `openStore` do.
 */
export async function openCatalogTable(place: IcebergCatalogPlace, baseFolder: string): Promise<Snapshot> {
  return await (await loaded(place, baseFolder)).snapshot();
}

/** The tables that a place with `*` for a table (`namespace.*`) stands for now. Fails as {@link openCatalogTable} does. */
export async function catalogTables(
  place: IcebergCatalogPlace,
  baseFolder: string,
): Promise<readonly { readonly name: string; readonly table: string }[]> {
  const { namespace } = parseTableName(place.table);
  const { catalog } = await connected(place, baseFolder);
  const names = await catalog.tables(namespace);
  return names.map((name) => ({ name, table: [...namespace, name].join(".") }));
}

interface Loaded {
  readonly answer: TableAnswer;
  readonly snapshot: () => Promise<Snapshot>;
}

async function loaded(place: IcebergCatalogPlace, baseFolder: string): Promise<Loaded> {
  const name = parseTableName(place.table);
  const { uri, key, catalog } = await connected(place, baseFolder);
  const known = tables.get(`${key}${place.table}`) ?? {};
  tables.set(`${key}${place.table}`, known);
  const before = known.answer;
  const found = await catalog.load(name, before?.etag);
  if (found !== "unchanged") {
    known.answer = found;
    delete known.snapshot;
  }
  const answer = known.answer!;
  return {
    answer,
    snapshot: async () => {
      const snapshot = known.answer === answer ? known.snapshot : undefined;
      const reading = snapshot ?? read(place, uri, answer.table, () => reload(catalog, name));
      if (known.answer === answer) {
        known.snapshot = reading;
        reading.catch(() => delete known.snapshot);
      }
      return await reading;
    },
  };
}

/** The table's answer anew, whatever the ETag: keys come with it. */
async function reload(catalog: IcebergCatalog, name: CatalogTableName): Promise<LoadedTable> {
  const found = await catalog.load(name);
  if (found === "unchanged") throw badAnswer("the Iceberg catalog", "it says that nothing changed, unasked");
  return found.table;
}

async function connected(
  place: IcebergCatalogPlace,
  baseFolder: string,
): Promise<{ uri: URL; key: string; catalog: IcebergCatalog }> {
  const uri = new URL(place.uri);
  const secret = place.token ?? place.credential;
  const text = secret === undefined ? undefined : await readSecret(secret, baseFolder);
  if (text !== undefined) requireSafe(uri);
  const { table: _, ...who } = place;
  const key = sha256(JSON.stringify([who, text ?? null]));
  const { warehouse } = place;
  const catalog =
    catalogs.get(key) ?? new IcebergCatalog({ uri, warehouse, token: tokenOf(place, uri, text) });
  catalogs.set(key, catalog);
  return { uri, key, catalog };
}

function tokenOf(
  place: IcebergCatalogPlace,
  uri: URL,
  secret: string | undefined,
): (() => Promise<string>) | undefined {
  if (secret === undefined) return undefined;
  if (place.token !== undefined) return () => Promise.resolve(secret);
  const colon = secret.indexOf(":");
  return tokenSource({
    tokenEndpoint: new URL(place.oauth2_server_uri ?? `${uri.href.replace(/\/*$/, "")}/v1/oauth/tokens`),
    clientId: colon < 0 ? undefined : secret.slice(0, colon),
    clientSecret: secret.slice(colon + 1),
    scope: place.scope ?? "catalog",
    by: "body",
  });
}

function parseTableName(text: string): CatalogTableName {
  const parts = text.split(".");
  const name = parts.pop() ?? "";
  if (parts.length > 0 && [...parts, name].every((part) => part !== "" && !/\p{Cc}/u.test(part)))
    return { namespace: parts, name };
  throw new OneCopyError("remote.bad_name", `${JSON.stringify(text)} names no table of a catalog.`, {
    remedy: "Write namespace.table, as the catalog lists it.",
  });
}

async function read(
  place: IcebergCatalogPlace,
  uri: URL,
  table: LoadedTable,
  again: () => Promise<LoadedTable>,
): Promise<Snapshot> {
  const store = storeOf(place, uri, table, again);
  const metadata = new TextEncoder().encode(stringifyLossless(table.metadata));
  return await readIcebergSnapshot(store, "", {
    metadata: { key: table["metadata-location"] ?? `the metadata of ${place.table}`, body: metadata },
  });
}

/** Fails with `remote.place_refused`: a catalog elsewhere must not name files of this machine. */
function storeOf(
  { table: name }: IcebergCatalogPlace,
  uri: URL,
  table: LoadedTable,
  again: () => Promise<LoadedTable>,
): Store {
  const { location } = table.metadata;
  const isFile = /^(file:|\/)/i.test(location);
  if (isFile && !isLoopback(uri))
    throw new OneCopyError(
      "remote.place_refused",
      `The catalog ${uri.host} says that ${name} is on this machine, at ${location.slice(0, 300)}.`,
      {
        remedy: "A catalog elsewhere gives tables in object stores. Mount a folder with delta: or iceberg:.",
      },
    );
  if (isFile) return openStore(location.replace(/^file:(\/\/(?=\/))?/i, ""));
  const keyed = vendedStore(location, table);
  if (keyed === undefined) return openStore(location);
  if (keyed.endsMs === undefined) return keyed.store;
  return new RenewedStore({ ...keyed, endsMs: keyed.endsMs }, async () => {
    const { store, endsMs = Number.POSITIVE_INFINITY } = vendedStore(location, await again()) ?? {};
    if (store === undefined) throw badAnswer(`the Iceberg catalog ${uri.host}`, "it gives no keys any more");
    return { store, endsMs };
  });
}

function vendedStore(
  location: string,
  table: LoadedTable,
): { readonly store: Store; readonly endsMs: number | undefined } | undefined {
  const environment = vendedEnvironment(table, process.env);
  return environment && { store: openStore(location, { environment }), endsMs: credentialsEndMs(table) };
}
