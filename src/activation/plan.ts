import { OneCopyError } from "../base/index.ts";
import { dependsOnDay } from "../segment/index.ts";
import { type SyncDefinition, hashOf } from "./definition.ts";
import type { DeliveryRequest } from "./delivery.ts";
import type { LedgerEntry, Mode } from "./ledger.ts";
import type { Members } from "./members.ts";
import { recall } from "./past.ts";
import { type Stage, stage } from "./stage.ts";

const POPULATION = "unified.customer_360";

/** A delivery that is computed and not sent yet. */
export interface Plan {
  readonly definition: SyncDefinition;
  readonly staged: Stage;
  /** What the ledger says of it first. */
  readonly entry: LedgerEntry;
  /** Whether the ledger says so already. */
  readonly resumed: boolean;
  readonly why?: string;
}

/**
 * Nothing is to be sent, and the ledger says so once a day: the version that was sent last is let go in time, and the
 * difference has to be taken from one that is there.
 */
export interface Noted {
  readonly noted: LedgerEntry;
}

const dayMs = 86_400_000;
const nothing = { added: 0, changed: 0, removed: 0 };

/** What is to be sent next; undefined: nothing. First what a killed run has left, if it can still be computed. */
export async function planNext(
  request: DeliveryRequest,
  entries: readonly LedgerEntry[],
): Promise<Plan | Noted | undefined> {
  const now = await presentMembers(request);
  const { folder } = now.definition.destination;
  const here = entries.filter((entry) => entry.folder === folder);
  const base = here.find((entry) => entry.phase === "delivered");
  const unfinished = here[0]?.phase === "prepared" ? here[0] : undefined;
  // After a later delivery to another folder its number cannot be finished any more.
  const resumed =
    unfinished === entries[0] && unfinished !== undefined
      ? await planAgain(request, unfinished, base)
      : undefined;
  return resumed ?? (await planNew(request, now, base, unfinished, (entries[0]?.number ?? 0) + 1));
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

/** What the entry was going to send; undefined when that cannot be computed any more. */
async function planAgain(
  { catalog, definitionAt, revision, session }: DeliveryRequest,
  entry: LedgerEntry,
  base: LedgerEntry | undefined,
): Promise<Plan | undefined> {
  const then = await recall(entry, catalog, definitionAt, revision);
  if (then.kind === "gone") return undefined;
  let before: Members | undefined;
  if (entry.mode === "difference") {
    const past = base === undefined ? undefined : await recall(base, catalog, definitionAt, revision);
    if (past?.kind !== "readable") return undefined;
    before = past.members;
  }
  const staged = await stage(session, entry.mode, then.members, before);
  return { definition: then.members.definition, staged, entry, resumed: true };
}

async function planNew(
  request: DeliveryRequest,
  now: Members,
  base: LedgerEntry | undefined,
  lost: LedgerEntry | undefined,
  number: number,
): Promise<Plan | Noted | undefined> {
  const { asOf, catalog, definitionAt, revision, session, sync } = request;
  const { definition, snapshot } = now;
  if (base !== undefined && lost === undefined && isSame(base, now)) return undefined;
  const past =
    base === undefined || lost !== undefined
      ? undefined
      : await recall(base, catalog, definitionAt, revision);
  const before = past?.kind === "readable" ? past.members : undefined;
  const why =
    lost !== undefined
      ? `delivery ${lost.number} was not finished, and what it held cannot be sent any more`
      : past?.kind === "gone"
        ? past.why
        : undefined;
  const fromNow = {
    revision,
    rule: hashOf(definition),
    as_of: asOf,
    table_id: snapshot.tableId,
    table_version: snapshot.version,
  };
  const mode: Mode = why !== undefined ? "anew" : before === undefined ? "everyone" : "difference";
  const staged = await stage(session, mode, now, before);
  const { added, changed, removed } = staged;
  const deliveredAt = request.clock.now().toISOString();
  if (mode !== "anew" && added + changed + removed === 0) {
    await staged.drop();
    return before !== undefined && dayMs < Date.parse(deliveredAt) - Date.parse(base!.delivered_at)
      ? { noted: { ...base!, ...fromNow, number, delivered_at: deliveredAt, mode: "nothing", ...nothing } }
      : undefined;
  }
  const { folder, format } = definition.destination;
  const stamp = `${deliveredAt.slice(0, 19).replaceAll(/[-:]/g, "")}Z`;
  const entry: LedgerEntry = {
    sync,
    number,
    phase: "prepared",
    delivered_at: deliveredAt,
    mode,
    base: before === undefined ? 0 : base!.number,
    ...fromNow,
    table_name: POPULATION,
    folder,
    file: `${sync}-${stamp}-${String(number).padStart(6, "0")}${mode === "anew" ? "-full" : ""}.${format}`,
    added,
    changed,
    removed,
  };
  return { definition, staged, entry, resumed: false, ...(why === undefined ? {} : { why }) };
}

/** Whether the same people with the same values must come out as were sent, without looking. */
function isSame(sent: LedgerEntry, { asOf, definition, snapshot }: Members): boolean {
  return (
    sent.table_id === snapshot.tableId &&
    sent.table_version >= snapshot.rowsVersion &&
    sent.table_version <= snapshot.version &&
    sent.rule === hashOf(definition) &&
    (sent.as_of === asOf || !dependsOnDay(definition.rule))
  );
}

/**
 * Why a sync has to look for a difference, whatever the people's tables say; undefined when nothing about the sync
 * itself changed since it delivered last.
 */
export function syncStaleness(last: LedgerEntry | undefined, definition: SyncDefinition): string | undefined {
  if (last === undefined || last.folder !== definition.destination.folder) {
    return "nothing was delivered there yet";
  }
  return last.rule === hashOf(definition) ? undefined : "its rule or columns changed since the last delivery";
}
