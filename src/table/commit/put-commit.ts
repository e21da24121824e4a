import { OneCopyError, messageOf } from "../../base/index.ts";
import type { PutOutcome, Store } from "../../storage/index.ts";
import { parseCommit } from "../delta/action.ts";
import { keyIn, versionName } from "../path.ts";

/** Puts `_delta_log/<N>.json` if nobody has; a doubtful outcome is settled by reading who is there. */
export async function putCommit(
  store: Store,
  folder: string,
  version: number,
  body: string,
  txnId: string,
): Promise<"committed" | "lost"> {
  const key = keyIn(folder, `_delta_log/${versionName(version)}.json`);
  for (let attempt = 0; attempt < 6; attempt++) {
    let outcome: PutOutcome | undefined;
    let thrown: unknown;
    try {
      outcome = await store.put(key, body, { ifAbsent: true });
    } catch (error) {
      thrown = error;
    }
    if (outcome?.kind === "written") return "committed";
    const found = await store.get(key);
    if (found.kind === "found") {
      const winner = parseCommit(key, new TextDecoder().decode(found.body));
      return winner.commitInfo?.txnId === txnId ? "committed" : "lost";
    }
    if (thrown !== undefined)
      throw new OneCopyError(
        "table.commit_failed",
        `Version ${version} of ${folder} was not written: ${messageOf(thrown)}`,
        {
          cause: thrown,
        },
      );
    // Absent, and the put may still arrive: the same put again is harmless, since only one can win.
    await new Promise((resolve) => setTimeout(resolve, 50 * 2 ** attempt));
  }
  throw new OneCopyError(
    "table.commit_unknown",
    `Whether version ${version} of ${folder} was committed is not known.`,
    {
      remedy:
        "Look at the table's newest version before writing again; a write with transactions can be repeated as it is.",
    },
  );
}

/** Whether a failed commit may have happened all the same. */
export function isDoubtful(error: unknown): boolean {
  return (
    error instanceof OneCopyError && ["table.commit_unknown", "table.commit_failed"].includes(error.code)
  );
}
