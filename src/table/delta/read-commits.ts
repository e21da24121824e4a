import { OneCopyError } from "../../base/index.ts";
import type { Store } from "../../storage/index.ts";
import { type Actions, parseCommit } from "./action.ts";
import { type CommitFile, readSegment } from "./segment.ts";

const concurrentReads = 32;
const concurrentBytes = 32 * 2 ** 20;

/** The actions of versions `from`…`to`, both included, that somebody else committed. */
export async function readCommits(
  store: Store,
  folder: string,
  from: number,
  to: number,
): Promise<{ version: number; actions: Actions }[]> {
  const segment = await readSegment(store, folder, { after: from - 1, version: to });
  const read: { version: number; actions: Actions }[] = [];
  for await (const { commit, body } of commitBodies(store, segment?.commits ?? []))
    read.push({ version: commit.version, actions: parseCommit(commit.entry.key, body) });
  return read;
}

/** Commit files in order, some of them read at a time. Fails with `table.log_damaged`. */
export async function* commitBodies(
  store: Store,
  commits: readonly CommitFile[],
): AsyncGenerator<{ readonly commit: CommitFile; readonly body: Uint8Array }> {
  for (let from = 0; from < commits.length;) {
    let to = from;
    for (let bytes = 0; to < commits.length && to - from < concurrentReads && bytes < concurrentBytes; to++)
      bytes += commits[to]!.entry.sizeBytes;
    const batch = commits
      .slice(from, to)
      .map(async (commit) => ({ commit, body: await bodyOf(store, commit) }));
    for (const read of await Promise.all(batch)) yield read;
    from = to;
  }
}

async function bodyOf(store: Store, { entry }: CommitFile): Promise<Uint8Array> {
  const found = await store.get(entry.key);
  if (found.kind === "found") return found.body;
  throw new OneCopyError("table.log_damaged", `${entry.key} vanished while the log was read.`, {
    remedy: "The log was cleaned up meanwhile: open the table again.",
  });
}
