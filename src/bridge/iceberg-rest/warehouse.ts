import { type GrantedShare, type Principal, grantedShare, grantedShares } from "../../access/index.ts";
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
  const readable = await warehouseShares(context, principal, warehouse);
  if (readable === undefined) return undefined;
  const names = new Set(readable.flatMap((share) => share.tables));
  const written = new Set(warehouse === undefined ? principal.writes : []);
  return existing.filter(
    (table) => written.has(table.namespace) || names.has(`${table.namespace}.${table.name}`),
  );
}

/** The shares that make up a warehouse: that of its name, or without one all of the principal's; undefined as above. */
export async function warehouseShares(
  context: BridgeContext,
  principal: Principal,
  warehouse: string | undefined,
): Promise<readonly GrantedShare[] | undefined> {
  const shares = await context.shares();
  if (warehouse === undefined) return grantedShares(shares, principal);
  const named = grantedShare(shares, principal, warehouse);
  return named && [named];
}
