import { type Session, addresses, textList } from "../../engine/index.ts";
import type { Store } from "../../storage/index.ts";
import { keyIn } from "../path.ts";
import type { DataFile } from "../snapshot.ts";

/** Where the engine finds the files, in their order. */
export async function fileAddresses(
  session: Session,
  store: Store,
  folder: string,
  files: readonly DataFile[],
): Promise<string[]> {
  const keys = files.map(({ path }) => keyIn(folder, path));
  const sizes = files.map(({ sizeBytes }) => sizeBytes);
  return await addresses(session, store, keys, sizes);
}

/** The files as the engine takes them, where `*`, `?` and `[` would be patterns. */
export async function fileList(
  session: Session,
  store: Store,
  folder: string,
  files: readonly DataFile[],
): Promise<string> {
  const found = await fileAddresses(session, store, folder, files);
  return textList(found.map((address) => address.replaceAll(/[[*?]/g, "[$&]")));
}
