import { OneCopyError } from "../base/index.ts";

/** A table's place in the catalog. */
export interface TableName {
  readonly namespace: string;
  readonly name: string;
  /** Key prefix in the lake; it never changes. */
  readonly folder: string;
}

/** Namespaces whose folders in the lake are not for tables. */
const reserved: ReadonlySet<string> = new Set(["_catalog", "_onecopy"]);

/**
 * The parts of `namespace.table`. Lower case only: file systems and query engines do not agree on whether case
 * counts. Fails with `catalog.bad_name`.
 */
export function parseName(text: string): { readonly namespace: string; readonly name: string } {
  const match = /^([a-z_][a-z0-9_-]{0,127})\.([a-z_][a-z0-9_-]{0,127})$/.exec(text);
  if (match === null || reserved.has(match[1]!))
    throw new OneCopyError("catalog.bad_name", `${JSON.stringify(text)} is no table name.`, {
      remedy:
        "Write namespace.table, both of lower-case letters, digits, _ and -, beginning with a letter or _; _catalog and _onecopy are taken.",
    });
  return { namespace: match[1]!, name: match[2]! };
}
