import { OneCopyError, messageOf } from "../../base/index.ts";
import { type Session, type Value, textList } from "../../engine/index.ts";
import type { Store } from "../../storage/index.ts";
import { withLogEngine } from "../log-engine.ts";
import { engineAddress } from "../path.ts";
import {
  type Actions,
  type AddAction,
  addAction,
  metaDataAction,
  protocolAction,
  transactionAction,
} from "./action.ts";

type ActionsOf = (name: string) => Promise<Record<string, unknown>[]>;

/** What a checkpoint says about the table itself; its files are read by {@link readCheckpointFiles}. */
export type CheckpointHead = Pick<Actions, "protocol" | "metaData" | "transactions">;

/**
 * Reads a classic checkpoint, in one part or several (Delta protocol, "Checkpoints"): what is still in force.
 * Fails with `table.delta_feature_unsupported` for one with sidecars (v2), or `table.log_damaged`.
 */
export async function readCheckpointHead(store: Store, keys: readonly string[]): Promise<CheckpointHead> {
  return await fromCheckpoint(store, keys, async (actions) => {
    // Writers put the columns of v2 into classic checkpoints, too, and leave them null.
    if ((await actions("sidecar")).length + (await actions("checkpointMetadata")).length > 0)
      throw new OneCopyError(
        "table.delta_feature_unsupported",
        `${keys[0]} is a checkpoint of the Delta feature v2Checkpoint, which is not supported.`,
        {
          remedy: "Have the table's owner set delta.checkpointPolicy to classic and write a new checkpoint.",
        },
      );
    const metaData = (await actions("metaData")).find((one) => one["id"] !== null);
    const protocol = (await actions("protocol")).find((one) => one["minReaderVersion"] !== null);
    const transactions = (await actions("txn")).filter((txn) => txn["appId"] !== null);
    return {
      transactions: transactions.map((txn) => transactionAction.parse(txn)),
      metaData: metaData === undefined ? undefined : metaDataAction.parse(metaData),
      protocol: protocol === undefined ? undefined : protocolAction.parse(protocol),
    };
  });
}

/** The files of a checkpoint; see {@link readCheckpointHead}. */
export async function readCheckpointFiles(store: Store, keys: readonly string[]): Promise<AddAction[]> {
  return await fromCheckpoint(store, keys, async (actions) => {
    const present = (await actions("add")).filter((add) => add["path"] !== null);
    return present.map((add) => addAction.parse(add));
  });
}

async function fromCheckpoint<T>(
  store: Store,
  keys: readonly string[],
  read: (actions: ActionsOf) => Promise<T>,
): Promise<T> {
  try {
    return await withLogEngine(async (session) => await read(await actionsOf(session, store, keys)));
  } catch (cause) {
    if (cause instanceof OneCopyError && cause.code.startsWith("table.")) throw cause;
    throw new OneCopyError(
      "table.log_damaged",
      `The checkpoint ${keys[0]} cannot be read: ${messageOf(cause)}`,
      { cause },
    );
  }
}

async function actionsOf(session: Session, store: Store, keys: readonly string[]): Promise<ActionsOf> {
  const relation = `read_parquet(${textList(keys.map((key) => engineAddress(store, key)))}, union_by_name = true)`;
  const columns = new Set((await session.describe(`SELECT * FROM ${relation}`)).map(({ name }) => name));
  // As JSON text: the columns inside the actions differ from writer to writer.
  return async (name) => {
    if (!columns.has(name)) return [];
    const rows = await session.rows<{ action: Value }>(
      `SELECT to_json("${name}")::VARCHAR AS action FROM ${relation} WHERE "${name}" IS NOT NULL`,
    );
    return rows.map((row) => JSON.parse(String(row.action)) as Record<string, unknown>);
  };
}
