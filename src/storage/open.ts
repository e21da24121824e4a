import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { OneCopyError, messageOf } from "../base/index.ts";
import { FileStore } from "./file/store.ts";
import { MemoryStore } from "./memory.ts";
import type { Store } from "./store.ts";

/**
 * The store at an address: `file:///…` (percent-encoded) or a path as the file system spells it, or `memory:` for
 * a new, empty one. Nothing is made on disk before the first put. Fails with `storage.bad_url` and
 * `storage.scheme_unsupported`.
 */
export function openStore(address: string): Store {
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(address)?.[1]?.toLowerCase();
  switch (scheme) {
    case undefined:
      return new FileStore(folderOfPath(address));
    case "file":
      return new FileStore(folderOfUrl(address));
    case "memory":
      return new MemoryStore();
    default:
      // Only the scheme is repeated: the rest of an address may hold a secret.
      throw new OneCopyError(
        "storage.scheme_unsupported",
        `This version has no store for ${scheme}: addresses.`,
        {
          remedy:
            "Use a folder: file:///path/to/lake, or a path. (A path with a colon in its first name: ./name:x)",
        },
      );
  }
}

function folderOfPath(path: string): string {
  if (path === "" || path.includes("\0"))
    throw badUrl("an empty path, or one with a NUL character, names no folder");
  return resolve(path);
}

function folderOfUrl(address: string): string {
  if (!/^file:\/\/\//i.test(address)) throw badUrl(`${address} does not start with file:///`);
  if (/[?#]/.test(address))
    throw badUrl(`${address} holds a bare ? or #; in a URL they are written %3F and %23`);
  try {
    return folderOfPath(fileURLToPath(address));
  } catch (cause) {
    throw badUrl(`${address} names no folder (${messageOf(cause)})`);
  }
}

function badUrl(why: string): OneCopyError {
  return new OneCopyError("storage.bad_url", `The store cannot be opened: ${why}.`, {
    remedy: "Write file:///absolute/path with special characters percent-encoded, or a plain path.",
  });
}
