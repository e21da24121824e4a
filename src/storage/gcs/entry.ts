import type { FileMetadata } from "@google-cloud/storage";
import { OneCopyError } from "../../base/index.ts";
import { oneLine } from "../key.ts";
import type { ObjectEntry } from "../store.ts";

/** An object's generation is its etag: every write has a new one, and preconditions name it. */
export function gcsEntry(key: string, { size, generation, updated }: FileMetadata): ObjectEntry {
  const sizeBytes = Number(size);
  const modifiedMs = Date.parse(updated ?? "");
  if (!Number.isSafeInteger(sizeBytes) || generation === undefined || Number.isNaN(modifiedMs))
    throw new OneCopyError(
      "storage.bad_answer",
      `The store states no size, time or generation of ${oneLine(key)}.`,
      {
        remedy:
          "See that the endpoint is that of Google Cloud Storage, and that no proxy answers in its place.",
      },
    );
  return { key, sizeBytes, etag: String(generation), modifiedMs };
}
