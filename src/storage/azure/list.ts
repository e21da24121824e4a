import type { ContainerClient } from "@azure/storage-blob";
import { compareKeys } from "../key-order.ts";
import { isKey } from "../key.ts";
import type { ObjectEntry } from "../store.ts";
import { azureEntry } from "./entry.ts";

/**
 * The objects with a prefix in key order, one folder in memory at a time: accounts with a hierarchical namespace list
 * a whole container folder by folder (`a/b` before `a.b`), which is not the order of bytes.
 */
export async function* listBlobs(
  client: ContainerClient,
  root: string,
  prefix: string,
  startAfter: string | undefined,
): AsyncGenerator<ObjectEntry> {
  const children: { key: string; entry?: ObjectEntry }[] = [];
  const options = { prefix: root + prefix, includeMetadata: true };
  for await (const item of client.listBlobsByHierarchy("/", options)) {
    const key = item.name.slice(root.length);
    if (item.kind === "prefix") {
      const mayFollow =
        startAfter === undefined || compareKeys(key, startAfter) > 0 || startAfter.startsWith(key);
      if (mayFollow && isKey(key.slice(0, -1))) children.push({ key });
    } else if (isKey(key) && (startAfter === undefined || compareKeys(key, startAfter) > 0)) {
      const entry = azureEntry(key, { ...item.properties, metadata: item.metadata });
      if (entry !== undefined) children.push({ key, entry });
    }
  }
  children.sort((a, b) => compareKeys(a.key, b.key));
  for (const { key, entry } of children) {
    if (entry === undefined) yield* listBlobs(client, root, key, startAfter);
    else yield entry;
  }
}
