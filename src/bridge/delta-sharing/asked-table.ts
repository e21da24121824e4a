import type { Context } from "hono";
import type { GrantedShare } from "../../access/index.ts";
import type { Table } from "../../table/index.ts";
import type { Authenticated } from "../bearer.ts";
import type { BridgeContext } from "../context.ts";
import { refuse } from "../error.ts";
import { shareNamed, tableOf } from "../shared-table.ts";

/** As the shares themselves: which table has a name may be known so long. What is in it is as of now. */
const NAMES_MAX_AGE_MS = 1000;

export const TABLE = "/shares/:share/schemas/:schema/tables/:table";

export type C = Context<Authenticated>;

/** A table as a recipient has it. */
export interface Shared {
  readonly share: GrantedShare;
  /** `<schema>.<table>`. */
  readonly name: string;
  readonly table: Table;
}

/** Fails with `unsupported` where a share gives the newest version alone (PROTOCOL.md: "tables with history sharing enabled"). */
export function requireHistory({ share }: Shared): void {
  if (share.history) return;
  throw refuse(
    "unsupported",
    "This share gives the newest version of its tables alone: ask for no version, no timestamp and no changes.",
  );
}

/** The table that a request's path names; `not_found` for what is not granted, as for what is not there. */
export async function askedTable(context: BridgeContext, c: C): Promise<Shared> {
  const share = await shareNamed(context, c.var.principal, c.req.param("share") ?? "");
  const wanted = { namespace: c.req.param("schema") ?? "", name: c.req.param("table") ?? "" };
  const found = await tableOf(context, share, wanted, NAMES_MAX_AGE_MS);
  c.set("read", { share_name: share.name, table_name: found.name });
  return { share, ...found };
}
