import type { Hono } from "hono";
import { mayReadFolder } from "../../access/index.ts";
import type { LentKeys, LentRight } from "../../storage/index.ts";
import { icebergLocation } from "../../table/index.ts";
import type { Authenticated } from "../bearer.ts";
import type { BridgeContext } from "../context.ts";
import { type LendableTable, type Lent, lendKeys } from "../lent-keys.ts";
import { CatalogRefusal } from "./error.ts";
import { type C, noTable, owns, parameters } from "./request.ts";
import { sharesWith, visibleTable } from "./warehouse.ts";

/** REST specification, `data-access`: by it a client says that it takes keys. */
export const DELEGATION_HEADER = "x-iceberg-access-delegation";

interface Name {
  readonly namespace: string;
  readonly name: string;
}

/** REST specification, `StorageCredential`: what is below `prefix` is reached by what `config` says. */
export interface VendedKeys {
  readonly prefix: string;
  readonly config: Readonly<Record<string, string>>;
}

/** Keys for a client that asks for them with a table; undefined where it does not, or gets none: then it uses its own. */
export async function vendedKeys(
  context: BridgeContext,
  c: C,
  name: Name,
  { content, ...folder }: Omit<LendableTable, "content"> & { content(): Promise<LendableTable["content"]> },
): Promise<VendedKeys | undefined> {
  const wanted = (c.req.header(DELEGATION_HEADER) ?? "").split(",").map((one) => one.trim().toLowerCase());
  if (!wanted.includes("vended-credentials")) return undefined;
  const table = { ...folder, content: await content() };
  const lent = await lentTo(context, c, name, table);
  return lent.kind === "lent" ? vended(context, c, name, table, lent.keys) : undefined;
}

/** `loadCredentials`: new keys, before those from before end. */
export function credentialsRoute(app: Hono<Authenticated>, root: string, context: BridgeContext): void {
  app.get(`${root}/:namespace/tables/:table/credentials`, async (c) => {
    const name = parameters(c);
    const found = await visibleTable(context, c, name);
    if (found === undefined) throw noTable(name.namespace, name.name);
    const { store, folder } = found;
    const table = { store, folder, content: await found.snapshot() };
    const lent = await lentTo(context, c, name, table);
    if (lent.kind === "not_lent") throw new CatalogRefusal(403, "ForbiddenException", lent.reason);
    return c.json({ "storage-credentials": [vended(context, c, name, table, lent.keys)] });
  });
}

/** Whoever may write the namespace gets keys to write the table; others to read it, where a share lets them read in the store. */
async function lentTo(context: BridgeContext, c: C, name: Name, table: LendableTable): Promise<Lent> {
  const { principal } = c.var;
  const may: LentRight = owns(c, name.namespace) ? "write" : "read";
  const mayRead = async (): Promise<boolean> =>
    (await sharesWith(context, c, name)).some((share) => mayReadFolder(share, principal));
  if (may === "read" && !(await mayRead()))
    return { kind: "not_lent", reason: "What you read of this table is not read in the storage itself." };
  return await lendKeys(table, principal, may, context.clock);
}

/** The properties are those of Iceberg's S3FileIO, which other libraries read too. */
function vended(
  context: BridgeContext,
  c: C,
  { namespace, name }: Name,
  { store, folder }: LendableTable,
  keys: LentKeys,
): VendedKeys {
  c.set("read", {
    ...c.var.read,
    table_name: `${namespace}.${name}`,
    ends_at: keys.expiresAt.toISOString(),
  });
  c.header("Cache-Control", "no-store");
  const prefix = c.req.param("prefix");
  const root = ["v1", ...(prefix === undefined ? [] : [prefix])].join("/");
  return {
    prefix: `${icebergLocation(store, folder)}/`,
    config: {
      "s3.access-key-id": keys.accessKeyId,
      "s3.secret-access-key": keys.secretAccessKey,
      "s3.session-token": keys.sessionToken,
      "s3.session-token-expires-at-ms": String(keys.expiresAt.getTime()),
      "client.region": keys.region,
      "s3.region": keys.region,
      ...(keys.endpoint === undefined ? {} : { "s3.endpoint": keys.endpoint }),
      "s3.path-style-access": String(keys.urlStyle === "path"),
      "client.refresh-credentials-endpoint": `${root}/namespaces/${namespace}/tables/${name}/credentials`,
    },
  };
}
