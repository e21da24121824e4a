import type { Store } from "../../storage/index.ts";
import { keyIn, versionName } from "../path.ts";
import type { IcebergPointer } from "../snapshot.ts";
import { type CommitInfoAction, type MetaDataAction, readActions } from "./action.ts";
import { maxJsonBytes } from "./checkpoint.ts";
import { propertyLastFieldId } from "./schema.ts";

const [atOnce, farthest] = [16, 1024];

/**
 * The newest pointer in the commits up to the checkpoint, for a table of ours on which others have committed since
 * then. Commits that were cleaned up end the search; further back than `farthest` the table is healed anew.
 */
export async function findPointer(
  store: Store,
  folder: string,
  metaData: MetaDataAction,
  checkpointVersion: number | undefined,
): Promise<IcebergPointer | undefined> {
  if (checkpointVersion === undefined || metaData.configuration[propertyLastFieldId] === undefined)
    return undefined;
  const oldest = Math.max(0, checkpointVersion - farthest);
  for (let newest = checkpointVersion; newest >= oldest; newest -= atOnce) {
    const versions = Array.from({ length: Math.min(atOnce, newest - oldest + 1) }, (_, i) => newest - i);
    const found = await Promise.all(versions.map((version) => pointerIn(store, folder, version)));
    const end = found.indexOf("cleaned up");
    for (const pointer of end < 0 ? found : found.slice(0, end))
      if (typeof pointer === "object") return pointer;
    if (end >= 0) return undefined;
  }
  return undefined;
}

async function pointerIn(
  store: Store,
  folder: string,
  version: number,
): Promise<IcebergPointer | "cleaned up" | undefined> {
  const key = keyIn(folder, `_delta_log/${versionName(version)}.json`);
  const found = await store.get(key, { offset: 0, length: maxJsonBytes });
  if (found.kind === "absent") return "cleaned up";
  let info: CommitInfoAction | undefined;
  readActions(key, found.body, { commitInfo: (action) => (info = action) });
  return pointerOf(folder, version, info);
}

export function pointerOf(
  folder: string,
  version: number,
  commitInfo: CommitInfoAction | undefined,
): IcebergPointer | undefined {
  const path = commitInfo?.onecopy?.iceberg;
  return path === undefined ? undefined : icebergPointer(folder, version, path);
}

/** A pointer as a log or a healer wrote it; `undefined` when it is not of our form, and so not ours. */
export function icebergPointer(folder: string, version: number, path: string): IcebergPointer | undefined {
  const match = /^_iceberg\/(\d+)-[0-9a-f-]{36}\.metadata\.json$/.exec(path);
  if (match === null || Number(match[1]) !== version) return undefined;
  return { metadataKey: folder === "" ? path : `${folder}/${path}`, version };
}
