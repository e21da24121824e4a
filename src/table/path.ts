import { OneCopyError } from "../base/index.ts";
import type { Store } from "../storage/index.ts";
import { type Elsewhere, nowhere } from "./elsewhere.ts";

/**
 * The key of something in a table's folder; of a data file elsewhere ({@link Elsewhere}), the path begins with `/`. Fails
 * with `table.path_outside` for a file outside the store, which has none.
 */
export function keyIn(folder: string, path: string): string {
  if (path.startsWith("//"))
    throw new OneCopyError("table.path_outside", `${path.slice(2, 1000)} is a file outside the lake.`, {
      remedy:
        "An Iceberg engine committed it where the server's setting catalog.files_outside allows that. OneCopy reads only files of the lake: read the table with that engine.",
    });
  if (path.startsWith("/")) return path.slice(1);
  return folder === "" ? path : `${folder}/${path}`;
}

/**
 * A path as it stands in Delta's `add.path`: percent-encoded once (RFC 2396, as Delta's protocol says); that of a file
 * elsewhere is absolute, with scheme.
 */
export function encodePath(store: Store, path: string): string {
  if (!path.startsWith("/")) return encoded(path);
  const address = path.startsWith("//") ? path.slice(2) : icebergLocation(store, path.slice(1));
  const [scheme, rest] = address.split(/(?<=:\/\/)([^]*)/);
  return `${scheme}${encoded(rest!)}`;
}

/** As it is written: no store has names of more than 1024 bytes, each of which may take three. */
export const longestPath = 8192;

/** The `=` of partition folders stays, as all writers have it. */
function encoded(path: string): string {
  return path
    .split("/")
    .map((part) => encodeURIComponent(part).replaceAll("%3D", "="))
    .join("/");
}

/**
 * How a log states the path of a file, where that is not how we would: writers encode differently, and readers take an
 * add and its remove for the same file only when their paths are the same letter by letter.
 */
export function foreignForm(stated: string, path: string): string | undefined {
  return path.startsWith("/") || encoded(path) === stated ? undefined : stated;
}

/**
 * Delta's `add.path`, decoded. It comes from whoever can write the log, so it may name only what is in the
 * table's own folder, and in the folders that `outside` allows: fails with `table.path_outside` otherwise.
 */
export function decodePath(encoded: string, outside: Elsewhere = nowhere): string {
  const refuse = (): never => {
    throw new OneCopyError(
      "table.path_outside",
      `The table's log names a file outside its folder: ${encoded.slice(0, 1000)}`,
      {
        remedy:
          "Shallow clones that other engines made, and absolute paths, cannot be read. Make a deep copy of the table and use that.",
      },
    );
  };
  let path: string;
  try {
    path = decodeURIComponent(encoded);
  } catch {
    return refuse();
  }
  if (encoded.length > longestPath) refuse();
  if (/^[a-z][a-z0-9+.-]*:/i.test(encoded)) return outside(path) ?? refuse();
  if (path.split("/").some((part) => part === "" || part === "." || part === "..")) refuse();
  if (/[\0\\]/.test(path)) refuse();
  return path;
}

/** The address of an object as Iceberg metadata states it: absolute and raw, never percent-encoded. */
export function icebergLocation(store: Store, key: string): string {
  const address = store.locate(key);
  return address.startsWith("/") ? `file://${address}` : address;
}

/** The address of an object as the engine takes it in a list of files, where `*`, `?` and `[` would be patterns. */
export function engineAddress(store: Store, key: string): string {
  return escapedPattern(store.locate(key));
}

/** An address in a list of files, where `*`, `?` and `[` would be patterns. */
export function escapedPattern(address: string): string {
  return address.replaceAll(/[[*?]/g, "[$&]");
}

/** A location as OneCopy writes it: Hadoop says `file:/x` for `file:///x`. Position deletes go by the letters. */
export function ownSpelling(location: string): string {
  return location.replace(/^file:\/(?!\/)/, "file:///");
}

/** The path in the table's folder of an absolute location, or elsewhere. Fails with `table.path_outside`. */
export function pathOfLocation(
  store: Store,
  folder: string,
  stated: string,
  outside: Elsewhere = nowhere,
): string {
  const location = ownSpelling(stated);
  const root = `${icebergLocation(store, keyIn(folder, "x")).slice(0, -1)}`;
  if (!location.startsWith(root)) {
    const elsewhere = outside(location);
    if (elsewhere !== undefined) return elsewhere;
  }
  const path = location.startsWith(root) ? location.slice(root.length) : undefined;
  if (path === undefined || path.split("/").some((part) => part === "" || part === "." || part === ".."))
    throw new OneCopyError(
      "table.path_outside",
      `The table's Iceberg metadata names a file outside its folder: ${location}`,
      { remedy: "A table cannot be moved, nor share files with another one." },
    );
  return path;
}

/** `00000000000000000012`: the log's file names sort like their versions. */
export function versionName(version: number): string {
  return String(version).padStart(20, "0");
}
