import { join, resolve } from "node:path";
import { type Clock, OneCopyError } from "../base/index.ts";
import type { Catalog } from "../catalog/index.ts";
import type { Session } from "../engine/index.ts";
import { dependsOnDay } from "../segment/index.ts";
import type { Table } from "../table/index.ts";
import { type DefinitionAt, hashOf } from "./definition.ts";
import { openFolder, writeFile } from "./file.ts";
import { type LedgerEntry, type Mode, append, entriesOf, openLedger } from "./ledger.ts";
import type { Members } from "./members.ts";
import { recall } from "./past.ts";
import { type Stage, stage } from "./stage.ts";

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
  readonly number: number;
  readonly mode: Mode;
  /** Path of the file. */
  readonly file: string;
  readonly deliveredAt: string;
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  /** Whether it had been prepared by a run that did not finish. */
  readonly resumed: boolean;
  /** Why everyone was sent again; only with `anew`. */
  readonly why?: string;
}

const POPULATION = "unified.customer_360";
const ATTEMPTS = 20;

/**
 * Sends what changed in a segment since it was sent last; gives the files that went out, none when nothing changed.
 *
 * No copy of what was sent is kept: it is computed again, by the rule of then on the table's version of then, as the
 * ledger says. When that cannot be computed any more, a file with everyone goes out (`anew`, operation `full`): a
 * destination that takes it as the whole segment is right again, while to refuse would stop the sync for good.
 *
 * The ledger says what a file will hold before the file is written, and then that it was. A run that dies in between is
 * finished by the next one, with the same name and the same bytes, whatever has changed meanwhile; so a
 * destination that takes each file name once gets each change exactly once. Two runs at once do no harm.
 *
 * Fails with `activation.not_defined`, `activation.no_population`, `activation.unknown_column`,
 * `activation.folder_not_writable`, `activation.contended`, and as `compileSegment` does.
 */
export async function deliver(request: DeliveryRequest): Promise<Delivery[]> {
  const ledger = await openLedger(request.catalog);
  const sent: Delivery[] = [];
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const entries = await entriesOf(request.session, ledger, request.sync);
    const newest = entries[0];
    const pending = newest?.phase === "prepared" ? newest : undefined;
    if (pending !== undefined) {
      const resumed = await finishPending(request, ledger, entries, pending);
      if (resumed !== undefined) {
        sent.push(resumed);
        continue;
      }
    }
    const outcome = await deliverNext(request, ledger, entries, pending);
    if (outcome === "overtaken") continue;
    return outcome === "nothing" ? sent : [...sent, outcome];
  }
  throw new OneCopyError(
    "activation.contended",
    `Other processes delivered ${request.sync} ${ATTEMPTS} times meanwhile.`,
    {
      remedy: "Let one process at a time run this project.",
    },
  );
}

/** Sends what a run that died had prepared; undefined when that cannot be computed any more. */
async function finishPending(
  request: DeliveryRequest,
  ledger: Table,
  entries: readonly LedgerEntry[],
  pending: LedgerEntry,
): Promise<Delivery | undefined> {
  const { catalog, definitionAt, revision, session } = request;
  const now = await recall(pending, catalog, definitionAt, revision);
  if (now.kind === "gone") return undefined;
  let before: Members | undefined;
  if (pending.mode === "difference") {
    const base = entries.find(({ number, phase }) => number === pending.base && phase === "delivered");
    const past = base === undefined ? undefined : await recall(base, catalog, definitionAt, revision);
    if (past?.kind !== "readable") return undefined;
    before = past.members;
  }
  const staged = await stage(session, pending.mode, now.members, before);
  try {
    return { ...(await send(request, ledger, pending, now.members, staged)), resumed: true };
  } finally {
    await staged.drop();
  }
}

async function deliverNext(
  request: DeliveryRequest,
  ledger: Table,
  entries: readonly LedgerEntry[],
  lost: LedgerEntry | undefined,
): Promise<Delivery | "nothing" | "overtaken"> {
  const { asOf, catalog, definitionAt, revision, session } = request;
  const now = await presentMembers(request);
  const { definition, snapshot } = now;
  const { folder, format } = definition.destination;
  const base = entries.find((entry) => entry.phase === "delivered" && entry.folder === folder);
  const isLost = lost?.folder === folder;
  if (base !== undefined && !isLost && isSame(base, now)) return "nothing";

  const past = base === undefined || isLost ? undefined : await recall(base, catalog, definitionAt, revision);
  const before = past?.kind === "readable" ? past.members : undefined;
  const why = isLost
    ? `delivery ${lost.number} was not finished, and what it held cannot be computed any more`
    : past?.kind === "gone"
      ? past.why
      : undefined;
  const mode: Mode = why !== undefined ? "anew" : before === undefined ? "everyone" : "difference";
  const staged = await stage(session, mode, now, before);
  try {
    const { added, changed, removed } = staged;
    if (mode !== "anew" && added + changed + removed === 0) return "nothing";
    await openFolder(resolve(request.baseFolder, folder));
    const number = (entries[0]?.number ?? 0) + 1;
    const deliveredAt = request.clock.now().toISOString();
    const stamp = `${deliveredAt.slice(0, 19).replaceAll(/[-:]/g, "")}Z`;
    const entry: LedgerEntry = {
      sync: request.sync,
      number,
      phase: "prepared",
      delivered_at: deliveredAt,
      mode,
      base: before === undefined ? 0 : base!.number,
      revision,
      rule: hashOf(definition),
      as_of: asOf,
      table_name: POPULATION,
      table_id: snapshot.tableId,
      table_version: snapshot.version,
      folder,
      file: `${request.sync}-${stamp}-${String(number).padStart(6, "0")}${mode === "anew" ? "-full" : ""}.${format}`,
      added,
      changed,
      removed,
    };
    if ((await append(session, ledger, entry)) === "already") return "overtaken";
    const delivery = await send(request, ledger, entry, now, staged);
    return { ...delivery, ...(why === undefined ? {} : { why }) };
  } finally {
    await staged.drop();
  }
}

async function presentMembers({
  asOf,
  catalog,
  definitionAt,
  revision,
  sync,
}: DeliveryRequest): Promise<Members> {
  const definition = await definitionAt(revision);
  if (definition === undefined)
    throw new OneCopyError(
      "activation.not_defined",
      `Revision ${revision} has no sync ${sync} with a segment.`,
      {
        remedy: "Name a sync of the configuration that is in force.",
      },
    );
  const table = await catalog.find(POPULATION);
  if (table === undefined)
    throw new OneCopyError("activation.no_population", `There is no table ${POPULATION} yet.`, {
      remedy: "Make it with `onecopy run`.",
    });
  return { definition, snapshot: await table.snapshot(), asOf };
}

/** Whether the same people with the same values must come out as were sent, without looking. */
function isSame(sent: LedgerEntry, { asOf, definition, snapshot }: Members): boolean {
  return (
    sent.table_id === snapshot.tableId &&
    sent.table_version === snapshot.version &&
    sent.rule === hashOf(definition) &&
    (sent.as_of === asOf || !dependsOnDay(definition.rule))
  );
}

async function send(
  { baseFolder, session }: DeliveryRequest,
  ledger: Table,
  entry: LedgerEntry,
  { definition }: Members,
  staged: Stage,
): Promise<Delivery> {
  const { folder, format } = definition.destination;
  await writeFile(session, staged, format, resolve(baseFolder, folder), entry.file);
  await append(session, ledger, { ...entry, phase: "delivered" });
  const { added, changed, delivered_at: deliveredAt, mode, number, removed } = entry;
  const file = join(resolve(baseFolder, folder), entry.file);
  return { number, mode, file, deliveredAt, added, changed, removed, resumed: false };
}
