import { OneCopyError } from "../../base/index.ts";
import { oneLine } from "../key.ts";
import type { ObjectEntry } from "../store.ts";

interface BlobProperties {
  readonly etag?: string | undefined;
  readonly contentLength?: number | undefined;
  readonly lastModified?: Date | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

export function azureEtag(text: string | undefined): string {
  return (text ?? "").replaceAll('"', "");
}

/** Nothing for what stands for a folder, as accounts with a hierarchical namespace have. */
export function azureEntry(key: string, properties: BlobProperties): ObjectEntry | undefined {
  const { etag, contentLength, lastModified, metadata = {} } = properties;
  if (
    Object.entries(metadata).some(
      ([name, value]) => name.toLowerCase() === "hdi_isfolder" && value === "true",
    )
  )
    return undefined;
  if (contentLength === undefined || lastModified === undefined || etag === undefined)
    throw new OneCopyError(
      "storage.bad_answer",
      `The store states no size, time or etag of ${oneLine(key)}.`,
      {
        remedy:
          "See that the address is that of an Azure Blob store, and that no proxy answers in its place.",
      },
    );
  return { key, sizeBytes: contentLength, etag: azureEtag(etag), modifiedMs: lastModified.getTime() };
}
