import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { OneCopyError, messageOf } from "../base/index.ts";
import { AzureStore } from "./azure/store.ts";
import { badUrl } from "./bad-url.ts";
import type { Environment } from "./environment.ts";
import { FileStore } from "./file/store.ts";
import { GcsStore } from "./gcs/store.ts";
import { MemoryStore } from "./memory.ts";
import type { RequestListener } from "./s3/client.ts";
import { S3Store } from "./s3/store.ts";
import type { Store } from "./store.ts";

export interface OpenOptions {
  /** Where endpoints and keys come from; default: the process's variables. */
  readonly environment?: Environment;
  /** Told of every request to an S3 store. */
  readonly onRequest?: RequestListener;
}

/**
 * The store at an address: `file:///…` (percent-encoded) or a path as the file system spells it, `memory:` for a
 * new, empty one, `s3://bucket/prefix`, `abfss://container@account.dfs.core.windows.net/path`, `az://container/path`,
 * `gs://bucket/prefix`. Nothing is made before the first put, and nothing is asked of a server. See
 * docs/storage.md for the variables. Fails with `storage.bad_url` and `storage.scheme_unsupported`.
 */
export function openStore(address: string, options: OpenOptions = {}): Store {
  const { environment = process.env, onRequest } = options;
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(address)?.[1]?.toLowerCase();
  switch (scheme) {
    case undefined:
      return new FileStore(folderOfPath(address));
    case "file":
      return new FileStore(folderOfUrl(address));
    case "memory":
      return new MemoryStore();
    case "s3":
    case "s3a":
      return new S3Store(address, environment, onRequest === undefined ? {} : { onRequest });
    case "abfss":
    case "abfs":
    case "az":
      return new AzureStore(address, environment);
    case "gs":
      return new GcsStore(address, environment);
    default:
      // Only the scheme is repeated: the rest of an address may hold a secret.
      throw new OneCopyError("storage.scheme_unsupported", `There is no store for ${scheme}: addresses.`, {
        remedy:
          "Use a path, file:///path/to/lake, s3://bucket/prefix, abfss://container@account.dfs.core.windows.net/path or gs://bucket/prefix. (A path with a colon in its first name: ./name:x)",
      });
  }
}

const fileRemedy = "Write file:///absolute/path with special characters percent-encoded, or a plain path.";

function folderOfPath(path: string): string {
  if (path === "" || path.includes("\0"))
    throw badUrl("an empty path, or one with a NUL character, names no folder", fileRemedy);
  return resolve(path);
}

function folderOfUrl(address: string): string {
  if (!/^file:\/\/\//i.test(address)) throw badUrl(`${address} does not start with file:///`, fileRemedy);
  if (/[?#]/.test(address))
    throw badUrl(`${address} holds a bare ? or #; in a URL they are written %3F and %23`, fileRemedy);
  try {
    return folderOfPath(fileURLToPath(address));
  } catch (cause) {
    throw badUrl(`${address} names no folder (${messageOf(cause)})`, fileRemedy);
  }
}
