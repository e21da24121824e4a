import { LENT_LIFE_MS, type Principal } from "../access/index.ts";
import type { Clock } from "../base/index.ts";
import type { LentKeys, LentRight, Store } from "../storage/index.ts";
import { isSelfContained } from "../table/index.ts";

/** What keys may be lent to: a table's folder, and whether all of the table is in it. */
export interface LendableTable {
  readonly store: Store;
  readonly folder: string;
  /** Of its newest version; undefined: it has none yet. */
  readonly content: Parameters<typeof isSelfContained>[0] | undefined;
}

const NONE = "This server lends no keys to its storage.";

/**
 * Why a principal gets no keys to a table's folder, for the client; undefined: it may have them. What it may do with the table
 * is looked at before.
 */
export function notLent(
  { store, content }: LendableTable,
  principal: Principal,
  clock: Clock,
): string | undefined {
  if (store.lending?.keysTo === undefined) return NONE;
  if (!principal.anywhere) return "Your token is bound to addresses, of which the storage knows nothing.";
  if (principal.expiresAt.getTime() < clock.now().getTime() + LENT_LIFE_MS)
    return "Your token ends before keys to the storage would: get a new one.";
  if (content !== undefined && !isSelfContained(content))
    return "This table uses files outside of its folder.";
  return undefined;
}

export type Lent =
  | { readonly kind: "lent"; readonly keys: LentKeys }
  | { readonly kind: "not_lent"; readonly reason: string };

/**
 * Keys to a table's folder, and to nothing else. Whoever has them needs OneCopy no more, until they end: tell the log of
 * accesses. Fails as the store's service for keys does.
 */
export async function lendKeys(
  table: LendableTable,
  principal: Principal,
  may: LentRight,
  clock: Clock,
): Promise<Lent> {
  const reason = notLent(table, principal, clock);
  const keys =
    reason === undefined ? await table.store.lending?.keysTo?.(table.folder, may, principal.name) : undefined;
  return keys === undefined ? { kind: "not_lent", reason: reason ?? NONE } : { kind: "lent", keys };
}
