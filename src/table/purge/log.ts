import type { ObjectEntry, Store } from "../../storage/index.ts";
import { renderPurged } from "../delta/purged.ts";
import { defaultGraceMs } from "../maintain/kept.ts";
import { keyIn } from "../path.ts";
import { putSurely } from "../put-surely.ts";

/**
 * Takes from the log what is older than version `fence`, of which there is a checkpoint. A commit that a writer could
 * still follow gets other content: without it, such a writer would take its number, and lose what it writes. The newest
 * goes first: a version of which something is missing is then refused by every reader, since it is itself no more there,
 * or wants a feature that nobody has. Before that go other engines' summaries of versions, which stand for
 * commits. Of what is no version, that goes which `wasThere`. Gives how many objects went.
 */
export async function forgetLog(
  store: Store,
  folder: string,
  fence: number,
  wasThere: (key: string) => boolean,
): Promise<number> {
  const log = keyIn(folder, "_delta_log/");
  const [summaries, versions, others]: [
    string[],
    (ObjectEntry & { version: number; isCommit: boolean })[],
    string[],
  ] = [[], [], []];
  for await (const entry of store.list(log)) {
    const name = entry.key.slice(log.length);
    const match = /^(\d{20})\.(json$|checkpoint\b)?/.exec(name);
    if (match === null) {
      if (name !== "_last_checkpoint" && wasThere(entry.key)) others.push(entry.key);
    } else if (Number(match[1]) < fence) {
      if (match[2] === undefined) summaries.push(entry.key);
      else versions.push({ ...entry, version: Number(match[1]), isCommit: match[2] === "json" });
    }
  }
  for (const key of summaries) await store.delete(key);
  const newest = versions.findLast(({ isCommit }) => isCommit)?.modifiedMs ?? 0;
  for (const { key, isCommit, modifiedMs } of versions.toReversed())
    if (isCommit && modifiedMs > newest - defaultGraceMs)
      await putSurely(store, key, renderPurged(Math.floor(modifiedMs)));
    else await store.delete(key);
  for (const key of others) await store.delete(key);
  return summaries.length + versions.length + others.length;
}
