import { OneCopyError, messageOf } from "../../base/index.ts";
import type { Store } from "../../storage/index.ts";
import { parseCommit } from "../delta/action.ts";
import { keyIn, versionName } from "../path.ts";

const attempts = 6;
/** A store that refuses is asked less often than one that does not know. */
const refusals = 3;

/**
 * Puts `_delta_log/<N>.json` if nobody has; a doubtful outcome is settled by reading who is there. Fails with
 * `table.commit_failed` or `table.commit_unknown`; after both the commit may still turn out to be in the table.
 */
export async function putCommit(
  store: Store,
  folder: string,
  version: number,
  body: string,
  txnId: string,
): Promise<"committed" | "lost"> {
  const key = keyIn(folder, `_delta_log/${versionName(version)}.json`);
  let thrown: unknown;
  let refused = 0;
  for (let attempt = 0; attempt < attempts; attempt++) {
    try {
      if ((await store.put(key, body, { ifAbsent: true })).kind === "written") return "committed";
    } catch (error) {
      thrown = error;
      refused++;
    }
    const found = await ownerOf(store, key);
    if (found !== undefined) return found === txnId ? "committed" : "lost";
    if (refused >= refusals) break;
    // Absent, and the put may still arrive: the same put again is harmless, since only one can win.
    await new Promise((resolve) => setTimeout(resolve, 50 * 2 ** attempt));
  }
  if (thrown !== undefined)
    throw new OneCopyError(
      "table.commit_failed",
      `Version ${version} of ${folder} was not written: ${messageOf(thrown)}`,
      { cause: thrown, remedy: "Try again when the store can be written to." },
    );
  throw new OneCopyError(
    "table.commit_unknown",
    `Whether version ${version} of ${folder} was committed is not known.`,
    {
      remedy:
        "Look at the table's newest version before writing again; a write with transactions can be repeated as it is.",
    },
  );
}

/** The transaction id of the commit that is there; `""` for one without; `undefined`: none is there, or it cannot be read now. */
async function ownerOf(store: Store, key: string): Promise<string | undefined> {
  try {
    const found = await store.get(key);
    if (found.kind === "absent") return undefined;
    return parseCommit(key, new TextDecoder().decode(found.body)).commitInfo?.txnId ?? "";
  } catch {
    return undefined;
  }
}

/** Whether a failed commit may have happened all the same. */
export function isDoubtful(error: unknown): boolean {
  return (
    error instanceof OneCopyError && ["table.commit_unknown", "table.commit_failed"].includes(error.code)
  );
}
