import type { Store } from "../storage/index.ts";
import type { LogState } from "./delta/replay.ts";
import type { IcebergBase } from "./iceberg/prepare.ts";
import type { IcebergPointer } from "./snapshot.ts";

/** The Iceberg side of one version. */
export type IcebergSide = IcebergBase & IcebergPointer;

/** One table as its operations see it: where it is, and what was read of it already. */
export interface TableAccess {
  readonly store: Store;
  readonly folder: string;
  /** The newest version as of now. Fails with `table.not_found`. */
  state(): Promise<LogState>;
  /** Fails with `table.version_not_found`. */
  stateAt(version: number): Promise<LogState>;
  /** The Iceberg side of exactly this version, healed where need be. Fails with `table.iceberg_behind`. */
  iceberg(state: LogState): Promise<IcebergSide>;
  /** Told of every commit, which was made on `before`: its Iceberg side need not be read, and a checkpoint may be due. */
  committed(side: IcebergSide, before: LogState): void;
  /** Resolves when nothing goes on beside the writes any more: a checkpoint. Never fails. */
  settled(): Promise<void>;
}
