import { OneCopyError } from "../base/index.ts";
import type { Store } from "../storage/index.ts";

/**
 * Where a table's data files may be beside its own folder: shallow clones use those of the tables that they were made
 * from. Gives the path of such a file, which is its key in the store with `/` in front; `undefined`: not allowed.
 */
export type Elsewhere = (location: string) => string | undefined;

/** Table property of a shallow clone: JSON list of the folders in the store whose data files it uses. */
export const propertyCloneSources = "onecopy.clone-sources";

/** The folders that a clone's properties name; none for other tables. Fails with `table.log_damaged`. */
export function cloneSources(properties: Readonly<Record<string, string>>): readonly string[] {
  const text = properties[propertyCloneSources];
  if (text === undefined) return [];
  let folders: unknown;
  try {
    folders = JSON.parse(text);
  } catch {
    folders = undefined;
  }
  if (Array.isArray(folders) && folders.every((one) => typeof one === "string" && isPlain(one)))
    return folders as string[];
  throw new OneCopyError("table.log_damaged", `${propertyCloneSources} is no list of folders: ${text}`, {
    remedy: "Make the clone again.",
  });
}

/** Only data files, and only those of the folders that the table's own properties name. */
export function elsewhere(store: Store, properties: Readonly<Record<string, string>>): Elsewhere {
  const sources = cloneSources(properties);
  if (sources.length === 0) return nowhere;
  const address = store.locate("x");
  const root = `${address.startsWith("/") ? "file://" : ""}${address}`.slice(0, -1);
  return (location) => {
    const absolute = location.replace(/^file:\/(?!\/)/, "file:///");
    if (!absolute.startsWith(root)) return undefined;
    const key = absolute.slice(root.length);
    const isData = isPlain(key) && key.endsWith(".parquet");
    return isData && sources.some((folder) => key.startsWith(`${folder}/`)) ? `/${key}` : undefined;
  };
}

export const nowhere: Elsewhere = () => undefined;

function isPlain(key: string): boolean {
  return !/[\0\\]/.test(key) && key.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}
