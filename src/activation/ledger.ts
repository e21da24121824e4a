import { OneCopyError } from "../base/index.ts";
import type { Catalog } from "../catalog/index.ts";
import { type Session, literal } from "../engine/index.ts";
import { schemaOf } from "../schema/index.ts";
import { type Table, scan } from "../table/index.ts";

export const LEDGER = "_system.deliveries";

/**
 * `everyone`: the first delivery to a folder; `difference`: what changed since `base`; `anew`: everyone again, since what was
 * sent last cannot be computed any more; `nothing`: no file went out, since the table of now would send what was sent, so
 * that the version before need not be kept for this.
 */
export type Mode = "everyone" | "difference" | "anew" | "nothing";

/**
 * One row of the ledger. A delivery has two: `prepared` says what is going to be sent, before the first byte of it
 * is; `delivered` says that it was. Counts and versions only, nobody's values.
 */
export interface LedgerEntry {
  readonly sync: string;
  /** 1, 2, … for each sync. */
  readonly number: number;
  readonly phase: "prepared" | "delivered";
  /** When it was prepared, ISO 8601; both rows say the same. */
  readonly delivered_at: string;
  readonly mode: Mode;
  /** The number of the delivery that a difference goes on from; 0 for none. */
  readonly base: number;
  /** The revision that the rule, the columns and the destination are of, and the hash of these. */
  readonly revision: number;
  readonly rule: string;
  readonly as_of: string;
  readonly table_name: string;
  readonly table_id: string;
  readonly table_version: number;
  readonly folder: string;
  readonly file: string;
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
}

const columns: Readonly<Record<keyof LedgerEntry, string>> = {
  sync: "VARCHAR",
  number: "BIGINT",
  phase: "VARCHAR",
  delivered_at: "TIMESTAMP WITH TIME ZONE",
  mode: "VARCHAR",
  base: "BIGINT",
  revision: "BIGINT",
  rule: "VARCHAR",
  as_of: "DATE",
  table_name: "VARCHAR",
  table_id: "VARCHAR",
  table_version: "BIGINT",
  folder: "VARCHAR",
  file: "VARCHAR",
  added: "BIGINT",
  changed: "BIGINT",
  removed: "BIGINT",
};

const names = Object.keys(columns) as (keyof LedgerEntry)[];
const ATTEMPTS = 20;

/** The ledger of all deliveries: the table `_system.deliveries` of the lake, made when it is not there. */
export async function openLedger(catalog: Catalog): Promise<Table> {
  const schema = schemaOf(names.map((name) => ({ name, type: columns[name] })));
  return (await catalog.find(LEDGER)) ?? (await catalog.create(LEDGER, { schema }));
}

/** The entries of a sync, newest first: by number, `delivered` before `prepared`. */
export async function entriesOf(session: Session, ledger: Table, sync: string): Promise<LedgerEntry[]> {
  return session.rows<LedgerEntry & Record<string, never>>(
    `SELECT ${names.join(", ")} FROM ${await scan(session, await ledger.snapshot())} WHERE sync = ${literal(sync)}
     ORDER BY number DESC, phase`,
  );
}

/**
 * Appends an entry, unless it is there already: `already` when another process was first. Delta's transaction
 * identifier makes it so: 2n−1 for `prepared` and 2n for `delivered` of delivery n.
 */
export async function append(
  session: Session,
  ledger: Table,
  entry: LedgerEntry,
): Promise<"appended" | "already"> {
  const values = names.map((name) => `CAST(${literal(entry[name])} AS ${columns[name]}) AS ${name}`);
  const version = 2 * entry.number - (entry.phase === "prepared" ? 1 : 0);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const outcome = await ledger.write(session, {
      mode: "append",
      query: `SELECT ${values.join(", ")}`,
      transactions: [{ appId: `onecopy.sync.${entry.sync}`, version }],
    });
    if (outcome.kind !== "conflict") return outcome.kind === "already" ? "already" : "appended";
  }
  throw new OneCopyError(
    "activation.ledger_contended",
    `${LEDGER} was changed by others ${ATTEMPTS} times while an entry was being added.`,
    {
      remedy: "Run again; nothing is sent twice.",
    },
  );
}

/** The last finished delivery of each sync, with a file. */
export async function lastDeliveries(
  session: Session,
  catalog: Catalog,
): Promise<ReadonlyMap<string, LedgerEntry>> {
  const ledger = await catalog.find(LEDGER);
  if (ledger === undefined) return new Map();
  const rows = await session.rows<LedgerEntry & Record<string, never>>(
    `SELECT ${names.join(", ")} FROM ${await scan(session, await ledger.snapshot())} WHERE phase = 'delivered' AND mode <> 'nothing'
     QUALIFY row_number() OVER (PARTITION BY sync ORDER BY number DESC) = 1 ORDER BY sync`,
  );
  return new Map(rows.map((row) => [row.sync, row]));
}

/** Every folder that something was sent to, ever, as the configuration of the time wrote it; with the syncs. */
export async function deliveryFolders(
  session: Session,
  catalog: Catalog,
): Promise<readonly { readonly folder: string; readonly sync: string }[]> {
  const ledger = await catalog.find(LEDGER);
  if (ledger === undefined) return [];
  return session.rows<{ folder: string; sync: string }>(
    `SELECT DISTINCT folder, sync FROM ${await scan(session, await ledger.snapshot())} ORDER BY folder, sync`,
  );
}
