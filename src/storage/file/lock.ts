import { link, unlink } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { OneCopyError, liveness, newId, processTag, sha256 } from "../../base/index.ts";
import { codeOf, isAbsence } from "./error.ts";
import { type TemporaryFolder, readOrAbsent } from "./temporary.ts";

/** A lock is held for two system calls; who holds one this long was stopped in the middle of them. */
const patienceMs = 10_000;

/**
 * Runs `work` while no other process, and nobody else in this one, holds the lock of `key`.
 *
 * The lock is a file that exists: made by link(2), which succeeds for one only, and holding the owner's tag. When
 * the owner died, its lock is removed by whoever first links the file that claims just this removal; so a lock
 * that somebody else took in the meantime is never removed by mistake. When *that* process died too, the next
 * claim has the next number.
 */
export async function withLock<T>(folder: TemporaryFolder, key: string, work: () => Promise<T>): Promise<T> {
  const path = join(folder.path, `${sha256(key).slice(0, 32)}.lock`);
  const mine = await folder.write(`${processTag} ${newId()}`, { durable: false });
  try {
    await acquire(path, mine);
    try {
      return await work();
    } finally {
      await unlink(path);
    }
  } finally {
    await folder.remove(mine);
  }
}

async function acquire(path: string, mine: string): Promise<void> {
  let holder: string | undefined;
  let sinceMs = performance.now();
  while (!(await tryLink(mine, path))) {
    const found = await readOrAbsent(path);
    if (found !== holder) [holder, sinceMs] = [found, performance.now()];
    if (found === undefined) continue;
    if (performance.now() - sinceMs > patienceMs) throw locked(path, found);
    if (stateOf(found) === "gone") await removeDead(path, found, mine);
    else await sleep(1 + Math.random() * 10);
  }
}

/** Returns when the dead holder's lock is gone, or when it is for another process to remove it. */
async function removeDead(path: string, holder: string, mine: string): Promise<void> {
  const claims: string[] = [];
  for (;;) {
    const claim = `${path}.${identityOf(holder)}.${claims.length}`;
    claims.push(claim);
    if (await tryLink(mine, claim)) break;
    const claimant = await readOrAbsent(claim);
    if (claimant === undefined) return;
    if (stateOf(claimant) !== "gone") return sleep(1 + Math.random() * 10);
  }
  // Whose claim it is may have been decided, and the lock taken anew, before this claim was made.
  if ((await readOrAbsent(path)) === holder) await unlink(path);
  for (const claim of claims) await unlinkIfPresent(claim);
}

async function tryLink(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

async function unlinkIfPresent(path: string): Promise<void> {
  await unlink(path).catch((error: unknown) => {
    if (!isAbsence(error)) throw error;
  });
}

function stateOf(owner: string): ReturnType<typeof liveness> {
  return liveness(owner.split(" ")[0] ?? "");
}

function identityOf(owner: string): string {
  return sha256(owner).slice(0, 16);
}

function locked(path: string, holder: string): OneCopyError {
  const remedy =
    stateOf(holder) === "elsewhere"
      ? "The process is of another machine, container or boot. If no OneCopy at work there uses this store, delete the file."
      : "End that process, or let it go on.";
  const message = `${path} has been locked for ${patienceMs / 1000} seconds by one process (${holder}).`;
  return new OneCopyError("storage.locked", message, { remedy });
}
