import type { Hono } from "hono";
import { z } from "zod";
import { type Principal, mayReadFolder } from "../../access/index.ts";
import type { Clock, OneCopyError } from "../../base/index.ts";
import type { Snapshot } from "../../table/index.ts";
import type { Authenticated } from "../bearer.ts";
import type { BridgeContext } from "../context.ts";
import { refuse } from "../error.ts";
import { type LendableTable, lendKeys, notLent } from "../lent-keys.ts";
import { type Shared, TABLE, askedTable } from "./asked-table.ts";
import { jsonIn } from "./json-body.ts";

/** PROTOCOL.md, "Generate Temporary Table Credential"; without a location: the table's. */
export const CredentialsRequest = z.object({ location: z.string().max(4096).nullish() });

/** The folder by which a principal may read a table itself, log and all (PROTOCOL.md, "Access Modes"); undefined: by URLs alone. */
export function directoryOf(
  shared: Shared,
  snapshot: Snapshot,
  principal: Principal,
  clock: Clock,
): string | undefined {
  const isOpen = mayReadFolder(shared.share, principal);
  const reason = notLent(lendable(shared, snapshot), principal, clock);
  return isOpen && reason === undefined ? locationOf(shared) : undefined;
}

/** Keys to a table's folder, for clients that read Delta's log themselves. */
export function directory(app: Hono<Authenticated>, context: BridgeContext): void {
  const { clock } = context;
  app.post(`${TABLE}/temporary-table-credentials`, async (c) => {
    const { principal } = c.var;
    const shared = await askedTable(context, c);
    const { location } = jsonIn(await c.req.text(), CredentialsRequest);
    const folder = locationOf(shared);
    if (location != null && location.replace(/\/$/, "") !== folder)
      throw refuse(
        "bad_parameter",
        "That is not the table's location: take it from its metadata, or ask for none.",
      );
    if (!mayReadFolder(shared.share, principal))
      throw byUrls("What you read of this share is its newest version alone, or goes through this server.");
    const table = lendable(shared, await shared.table.snapshot());
    const lent = await lendKeys(table, principal, "read", clock);
    if (lent.kind === "not_lent") throw byUrls(lent.reason);
    const { accessKeyId, secretAccessKey, sessionToken, expiresAt } = lent.keys;
    c.set("read", {
      share_name: shared.share.name,
      table_name: shared.name,
      ends_at: expiresAt.toISOString(),
    });
    c.header("Cache-Control", "no-store");
    return c.json({
      credentials: {
        location: folder,
        awsTempCredentials: { accessKeyId, secretAccessKey, sessionToken },
        expirationTime: expiresAt.getTime(),
      },
    });
  });
}

function byUrls(reason: string): OneCopyError {
  return refuse("unsupported", `${reason} Ask for the table's files with a query (accessModes: url).`);
}

function lendable({ table: { store, folder } }: Shared, content: Snapshot): LendableTable {
  return { store, folder, content };
}

function locationOf({ table: { store, folder } }: Shared): string {
  return store.locate(folder);
}
