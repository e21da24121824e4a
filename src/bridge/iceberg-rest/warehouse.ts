import { type Principal, grantedShare, grantedShares } from "../../access/index.ts";
import type { TableName as CatalogTableName } from "../../catalog/index.ts";
import type { BridgeContext } from "../context.ts";

/**
 * The tables that a principal sees. A warehouse, which is also the `{prefix}` of the routes, is a share; without
 * one it is everything that the principal may read: for a recipient the tables of all its shares and of the namespaces
 * that it may write, for an admin the whole lake. undefined when there is no such share for the principal.
 */
export async function warehouseTables(
  context: BridgeContext,
  principal: Principal,
  warehouse: string | undefined,
): Promise<readonly CatalogTableName[] | undefined> {
  const existing = await context.catalog.list();
  if (warehouse === undefined && principal.kind === "admin") return existing;
  const shares = await context.shares();
  const named = warehouse === undefined ? undefined : grantedShare(shares, principal, warehouse);
  if (warehouse !== undefined && named === undefined) return undefined;
  const readable = named === undefined ? grantedShares(shares, principal) : [named];
  const names = new Set(readable.flatMap((share) => share.tables));
  const written = new Set(warehouse === undefined ? principal.writes : []);
  return existing.filter(
    (table) => written.has(table.namespace) || names.has(`${table.namespace}.${table.name}`),
  );
}
