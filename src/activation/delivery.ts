import type { Clock } from "../base/index.ts";
import type { Catalog } from "../catalog/index.ts";
import type { Session } from "../engine/index.ts";
import type { DefinitionAt } from "./definition.ts";
import type { Mode } from "./ledger.ts";

export interface DeliveryRequest {
  readonly session: Session;
  readonly catalog: Catalog;
  readonly clock: Clock;
  /** Name of the sync. */
  readonly sync: string;
  /** The revision that is in force. */
  readonly revision: number;
  readonly definitionAt: DefinitionAt;
  /** `YYYY-MM-DD`, UTC. */
  readonly asOf: string;
  /** What a relative destination folder is relative to. */
  readonly baseFolder: string;
}

/** A file that went out. */
export interface Delivery {
  /** 1, 2, … for each sync. */
  readonly number: number;
  readonly mode: Mode;
  /** Path of the file. */
  readonly file: string;
  /** ISO 8601. */
  readonly deliveredAt: string;
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  /** Whether a run that did not finish had prepared it. */
  readonly resumed: boolean;
  /** Why everyone was sent again; only with `anew`. */
  readonly why?: string;
}
