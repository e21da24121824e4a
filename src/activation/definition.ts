import { canonicalJson, sha256 } from "../base/index.ts";
import type { Rule } from "../segment/index.ts";
import type { Sync } from "./config.ts";

/** A sync as one revision defines it, with the rule of its segment. */
export interface SyncDefinition {
  readonly rule: Rule;
  readonly columns: Sync["columns"];
  readonly destination: Sync["destination"];
}

/** The sync of that name in a revision; undefined when the revision, the sync or its segment is not there. */
export type DefinitionAt = (revision: number) => Promise<SyncDefinition | undefined>;

export function hashOf({ rule, columns, destination }: SyncDefinition): string {
  return sha256(canonicalJson({ rule, columns, destination }));
}
