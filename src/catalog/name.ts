import { OneCopyError } from "../base/index.ts";

/** A table's place in the catalog. */
export interface TableName {
  readonly namespace: string;
  readonly name: string;
  /** Key prefix in the lake; it never changes. */
  readonly folder: string;
}

/** A view's place in the catalog. */
export interface ViewName {
  readonly namespace: string;
  readonly name: string;
  /** Of its newest metadata file in the lake. */
  readonly metadataKey: string;
}

/** Namespaces whose folders in the lake are not for tables. */
const reserved: ReadonlySet<string> = new Set(["_catalog", "_onecopy", "_views"]);

/** Fails with `catalog.bad_name`. */
export function checkNamespace(namespace: string): void {
  if (!/^[a-z_][a-z0-9_-]{0,127}$/.test(namespace) || reserved.has(namespace))
    throw new OneCopyError("catalog.bad_name", `${JSON.stringify(namespace)} is no name of a namespace.`, {
      remedy:
        "Write lower-case letters, digits, _ and -, beginning with a letter or _; _catalog, _views and _onecopy are taken, and namespaces have one level.",
    });
}

/** Fails with `catalog.bad_name`. */
export function checkViewName({ namespace, name }: Pick<ViewName, "namespace" | "name">): void {
  checkNamespace(namespace);
  if (!/^[A-Za-z_][A-Za-z0-9_-]{0,127}$/.test(name))
    throw new OneCopyError("catalog.bad_name", `${JSON.stringify(name)} is no name of a view.`, {
      remedy: "Write letters, digits, _ and -, beginning with a letter or _.",
    });
}

/**
 * The parts of `namespace.table`. Lower case only: file systems and query engines do not agree on whether case
 * counts. Fails with `catalog.bad_name`.
 */
export function parseName(text: string): { readonly namespace: string; readonly name: string } {
  const match = /^([a-z_][a-z0-9_-]{0,127})\.([a-z_][a-z0-9_-]{0,127})$/.exec(text);
  if (match === null || reserved.has(match[1]!))
    throw new OneCopyError("catalog.bad_name", `${JSON.stringify(text)} is no table name.`, {
      remedy:
        "Write namespace.table, both of lower-case letters, digits, _ and -, beginning with a letter or _; _catalog, _views and _onecopy are taken.",
    });
  return { namespace: match[1]!, name: match[2]! };
}
