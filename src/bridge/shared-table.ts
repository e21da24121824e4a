import { type GrantedShare, type Principal, grantedShare } from "../access/index.ts";
import type { Table } from "../table/index.ts";
import type { BridgeContext } from "./context.ts";
import { refuse } from "./error.ts";

/** A share that the principal may read; else `not_found`, the same whether there is none or none for them. */
export async function shareNamed(
  context: BridgeContext,
  principal: Principal,
  name: string,
): Promise<GrantedShare> {
  const share = grantedShare(await context.shares(), principal, name);
  if (share === undefined) throw refuse("not_found", `There is no share ${quoted(name)} for you.`);
  return share;
}

/** The share's tables that exist: what is granted before its first run is not there yet. Sorted. */
export async function existingTables(
  context: BridgeContext,
  granted: readonly string[],
): Promise<TableName[]> {
  const existing = new Set((await context.catalog.list()).map((table) => `${table.namespace}.${table.name}`));
  return granted.filter((name) => existing.has(name)).map(splitName);
}

/**
 * A table of a granted share. The name in the URL may differ in case (PROTOCOL.md, "Names"). `namesMaxAgeMs`: see
 * `Catalog.find`.
 */
export async function tableOf(
  context: BridgeContext,
  share: GrantedShare,
  wanted: TableName,
  namesMaxAgeMs = 0,
): Promise<{ name: string; table: Table }> {
  const name = `${wanted.namespace}.${wanted.name}`.toLowerCase();
  const table = share.tables.includes(name) ? await context.catalog.find(name, { namesMaxAgeMs }) : undefined;
  if (table === undefined) {
    const what = `${quoted(wanted.namespace)}.${quoted(wanted.name)}`;
    throw refuse("not_found", `There is no table ${what} in the share ${quoted(share.name)}.`);
  }
  return { name, table };
}

/** Whether the token that something was given out for is good, and its share still has the table for it. */
export async function isStillGranted(
  { gate, shares }: Pick<BridgeContext, "gate" | "shares">,
  { token, share, table }: { readonly token: string; readonly share: string; readonly table: string },
): Promise<boolean> {
  const principal = await gate.owner(token);
  const granted = principal && grantedShare(await shares(), principal, share);
  return granted?.tables.includes(table) === true;
}

export interface TableName {
  readonly namespace: string;
  readonly name: string;
}

function splitName(name: string): TableName {
  const dot = name.indexOf(".");
  return { namespace: name.slice(0, dot), name: name.slice(dot + 1) };
}

/** A client's text in a message: bounded, and without what a terminal would obey. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
