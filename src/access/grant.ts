import type { Principal } from "./principal.ts";
import type { Shares } from "./shares.ts";

/** A share that a principal may read. */
export interface GrantedShare {
  readonly name: string;
  /** `namespace.table`, sorted. */
  readonly tables: readonly string[];
  /** Older versions and changes may be read. */
  readonly history: boolean;
  /** All bytes go through OneCopy. */
  readonly strict: boolean;
}

/** The shares that a principal may read, sorted by name. What no share grants is denied; an admin may read all. */
export function grantedShares(shares: Shares, principal: Principal): GrantedShare[] {
  return Object.entries(shares)
    .filter(([, share]) => principal.kind === "admin" || share.recipients.includes(principal.name))
    .map(([name, { tables, history, strict }]) => ({ name, tables: [...tables].sort(), history, strict }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * A share by its name (upper and lower case are the same); undefined when there is none or the principal may
 * not read it, which nobody can tell apart.
 */
export function grantedShare(shares: Shares, principal: Principal, name: string): GrantedShare | undefined {
  const wanted = name.toLowerCase();
  return grantedShares(shares, principal).find((share) => share.name.toLowerCase() === wanted);
}

/**
 * Whether a principal may be given what opens files in the store itself for a while: nobody can take that back, and the store
 * does not know from where it may be used.
 */
export function mayReadFromStore(share: GrantedShare, principal: Principal): boolean {
  return !share.strict && principal.anywhere;
}

/** Whether a principal may be given keys to a table's folder, in which all its versions are. */
export function mayReadFolder(share: GrantedShare, principal: Principal): boolean {
  return share.history && mayReadFromStore(share, principal);
}
