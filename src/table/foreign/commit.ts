import { stringifyLossless } from "../../base/index.ts";
import type { TableAccess } from "../access.ts";
import { backOff } from "../commit/back-off.ts";
import { isDoubtful, putCommit } from "../commit/put-commit.ts";
import { checkWritable } from "../delta/feature.ts";
import type { TableMetadata } from "../iceberg/metadata.ts";
import type { IcebergPointer } from "../snapshot.ts";
import { adopt } from "./adopt.ts";
import { applyUpdates } from "./apply.ts";
import type { Adopted } from "./next-version.ts";
import { invalid } from "./refuse.ts";
import { unmetRequirement } from "./requirement.ts";
import type { TableRequirement, TableUpdate } from "./update.ts";

/** What an Iceberg writer asks of a table through a catalog. */
export interface IcebergCommitRequest {
  readonly requirements: readonly TableRequirement[];
  readonly updates: readonly TableUpdate[];
  /** Data files may lie outside the table's folder; default: no. OneCopy never reads such files. */
  readonly filesOutside?: boolean;
}

export type IcebergCommitOutcome =
  | { readonly kind: "committed"; readonly iceberg: IcebergPointer }
  /** The table is not, or no longer, as the writer takes it to be. */
  | { readonly kind: "conflict"; readonly reason: string };

/** So long a commit is tried again while others commit without pause. */
const patienceMs = 20_000;

/**
 * Makes what an Iceberg writer asks for the next version of both formats: one put of `_delta_log/<N>.json`, whose
 * adds and removes are what its manifests have come to differ in. After a lost race the requirements are checked
 * again on the newer version, and decide. Fails as `adopt` and `applyUpdates` do, and with `table.commit_unknown`.
 */
export async function commitIceberg(
  table: TableAccess,
  { requirements, updates, filesOutside = false }: IcebergCommitRequest,
): Promise<IcebergCommitOutcome> {
  const { store, folder } = table;
  const startedMs = performance.now();
  for (let attempt = 0; ; attempt++) {
    const state = await table.state();
    checkWritable(folder, state.protocol, state.metaData);
    const side = await table.iceberg(state);
    const reason = unmetRequirement(side.metadata, requirements);
    if (reason !== undefined) return { kind: "conflict", reason };
    refuseMove(side.metadata.location, updates);
    const wanted = applyUpdates(side.metadata, updates, Date.now());
    if (isSame(side.metadata, wanted)) return { kind: "committed", iceberg: side };
    const operation = operationOf(side.metadata, wanted);
    const adopted = await adopt(store, folder, { state, side }, wanted, { operation, filesOutside });
    if ((await put(table, adopted)) === "committed") {
      table.committed(adopted.side, state);
      return { kind: "committed", iceberg: adopted.side };
    }
    if (performance.now() - startedMs > patienceMs)
      return { kind: "conflict", reason: "others commit without pause" };
    await backOff(attempt);
  }
}

/**
 * A table stays where it is. Engines that replace a table say a location by the way, for the files of the new one; these
 * go into the table's folder all the same.
 */
function refuseMove(location: string, updates: readonly TableUpdate[]): void {
  const to = updates.findLast((one) => one.action === "set-location")?.location.replace(/\/+$/, "");
  const replaces = updates.some(({ action }) => action === "set-current-schema" || action === "add-schema");
  if (to === undefined || to === location || replaces) return;
  throw invalid(`The table lies at ${location}, and cannot be moved.`, "Leave its location as it is.");
}

/** What lost, or failed for sure, is referred to by nothing. */
export async function put(
  { store, folder }: Pick<TableAccess, "store" | "folder">,
  { body, txnId, side, keys }: Adopted,
): Promise<"committed" | "lost"> {
  const discard = async (): Promise<void> => {
    for (const key of keys) await store.delete(key).catch(() => undefined);
  };
  try {
    const outcome = await putCommit(store, folder, side.version, body, txnId);
    if (outcome === "lost") await discard();
    return outcome;
  } catch (error) {
    if (!isDoubtful(error)) await discard();
    throw error;
  }
}

/** Updates that ask for what is there already make no version. */
function isSame(before: TableMetadata, after: TableMetadata): boolean {
  const text = (metadata: TableMetadata): string =>
    stringifyLossless({ ...metadata, "last-updated-ms": 0, location: "" });
  return text(before) === text(after);
}

/** Delta's name of what was done. */
function operationOf(before: TableMetadata | undefined, after: TableMetadata): string {
  const known = new Set(before?.snapshots.map((one) => one["snapshot-id"]));
  const last = after.snapshots.findLast((one) => !known.has(one["snapshot-id"]));
  switch (last?.summary["operation"]) {
    case undefined:
      return before?.["current-schema-id"] === after["current-schema-id"]
        ? "SET TBLPROPERTIES"
        : "CHANGE COLUMNS";
    case "delete":
      return "DELETE";
    case "replace":
      return "OPTIMIZE";
    default:
      return "WRITE";
  }
}
