import { stat } from "node:fs/promises";
import { userInfo } from "node:os";
import { fileURLToPath } from "node:url";

/** The account that owns the storage, as the file system says; other stores name themselves in their URL. */
export async function ownerOf(location: string): Promise<string> {
  if (/^[a-z0-9+.-]+:\/\//i.test(location) && !location.startsWith("file://")) {
    return URL.canParse(location) ? new URL(location).host : "unknown";
  }
  const path = location.startsWith("file://") ? fileURLToPath(location) : location;
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return "nobody yet";
  return found.uid === process.getuid?.() ? userInfo().username : `uid ${found.uid}`;
}
