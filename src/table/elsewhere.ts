import { OneCopyError } from "../base/index.ts";
import type { Store } from "../storage/index.ts";
import type { FileSet } from "./file-set.ts";

/**
 * Where a table's data files may be beside its own folder: shallow clones use those of the tables that they were made
 * from. Gives the path of such a file, which is its key in the store with `/` in front; `undefined`: not allowed.
 */
export type Elsewhere = (location: string) => string | undefined;

/**
 * Table property: commits through the Iceberg catalog named data files anywhere, which the server's setting allowed.
 * They are in the log, for engines that can reach them; OneCopy itself reads none of them.
 */
export const propertyFilesOutside = "onecopy.files-outside";

/**
 * The path of a file outside the store: its address with `//` in front, which is no key of anything. A location without
 * scheme is one of the local file system, as Iceberg's writers mean it.
 */
export function outsidePath(location: string): string {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(location)) return `//${location}`;
  return `//file://${location.replace(/^file:/i, "").replace(/^\/*/, "/")}`;
}

/** Whether a path is that of a file outside the store. */
export function isOutside({ path }: { readonly path: string }): boolean {
  return path.startsWith("//");
}

/** How many files are outside the store. */
export function filesOutside(files: Iterable<{ readonly path: string }>): number {
  let count = 0;
  for (const file of files) if (isOutside(file)) count++;
  return count;
}

/** Whether the table has data files outside the store, which nobody here can read. */
export function hasFilesOutside({
  properties,
  files,
}: {
  readonly properties: Readonly<Record<string, string>>;
  readonly files: FileSet;
}): boolean {
  return properties[propertyFilesOutside] === "true" && files.some(isOutside);
}

/** Whether all files of the table are in its own folder: it is no clone, and has none outside the store. */
export function isSelfContained(table: Parameters<typeof hasFilesOutside>[0]): boolean {
  return !hasFilesOutside(table) && cloneSources(table.properties).length === 0;
}

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

/** Only data files, and only those of the folders that the table's own properties name; the others where these allow it. */
export function elsewhere(store: Store, properties: Readonly<Record<string, string>>): Elsewhere {
  const inStore = inSources(store, cloneSources(properties));
  if (properties[propertyFilesOutside] !== "true") return inStore;
  return (location) => inStore(location) ?? outsidePath(location);
}

function inSources(store: Store, sources: readonly string[]): Elsewhere {
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
