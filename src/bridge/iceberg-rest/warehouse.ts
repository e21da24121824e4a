import { type GrantedShare, type Principal, grantedShare, grantedShares } from "../../access/index.ts";
import { OneCopyError } from "../../base/index.ts";
import type { Catalog, TableName as CatalogTableName } from "../../catalog/index.ts";
import type { Table } from "../../table/index.ts";
import type { BridgeContext } from "../context.ts";
import { quoted } from "../shared-table.ts";
import { missing } from "./error.ts";
import { type C, owns } from "./request.ts";

/**
 * The tables that a principal sees. A warehouse, which is also the `{prefix}` of the routes, is a share; without
 * one it is everything that the principal may read: for a recipient the tables of all its shares and of the namespaces
 * that it may write, for an admin the whole lake. undefined when there is no such share for the principal.
 */
async function warehouseTables(
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
async function warehouseShares(
  context: BridgeContext,
  principal: Principal,
  warehouse: string | undefined,
): Promise<readonly GrantedShare[] | undefined> {
  const shares = await context.shares();
  if (warehouse === undefined) return grantedShares(shares, principal);
  const named = grantedShare(shares, principal, warehouse);
  return named && [named];
}

/** The tables that the client sees under the prefix that it uses: none, when that is no share of its. */
export async function visibleTables(context: BridgeContext, c: C): Promise<readonly CatalogTableName[]> {
  return (await warehouseTables(context, c.var.principal, c.req.param("prefix"))) ?? [];
}

/** A table that the client sees under the prefix that it uses; undefined: there is none, or not for it, which nobody can tell apart. */
export async function visibleTable(
  context: BridgeContext,
  c: C,
  name: { readonly namespace: string; readonly name: string },
): Promise<Table | undefined> {
  const { namespace } = name;
  const maySee = owns(c, namespace) || (await sharesWith(context, c, name)).length > 0;
  return maySee ? await tableNamed(context.catalog, `${namespace}.${name.name}`) : undefined;
}

/** What is no name is the name of nothing. */
export async function tableNamed(catalog: Catalog, name: string): Promise<Table | undefined> {
  try {
    return await catalog.find(name);
  } catch (error) {
    if (error instanceof OneCopyError && error.code === "catalog.bad_name") return undefined;
    throw error;
  }
}

/** The shares by which the client reads a table under the prefix that it uses. */
export async function sharesWith(
  context: BridgeContext,
  c: C,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): Promise<readonly GrantedShare[]> {
  const shares = await warehouseShares(context, c.var.principal, c.req.param("prefix"));
  return (shares ?? []).filter(({ tables }) => tables.includes(`${namespace}.${name}`));
}

/** Fails when there is no such share for the client. `undefined`: all that it may read. */
export async function requireWarehouse(
  context: BridgeContext,
  c: C,
  warehouse: string | undefined,
): Promise<void> {
  if ((await warehouseTables(context, c.var.principal, warehouse)) === undefined)
    throw missing("NoSuchWarehouseException", `There is no share ${quoted(warehouse ?? "")} for you.`);
}
