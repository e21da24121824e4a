import { OneCopyError } from "../base/index.ts";
import type { Catalog } from "../catalog/index.ts";
import { type Session, literal } from "../engine/index.ts";
import { type Movement, changeColumns, changeEvents, movementOf, replayChanges } from "../identity/index.ts";
import { schemaOf } from "../schema/index.ts";
import { type Snapshot, type Table, propertyIdentifying, scan } from "../table/index.ts";
import { rowCount } from "./row-count.ts";

export const CHANGES = "identity.changes";
const ASSIGNMENTS = "identity.assignments";
const ATTEMPTS = 20;

interface KnownAfter {
  readonly relation: string;
  /** Of the assignments. */
  readonly version: number;
}

/**
 * Appends to `identity.changes` what happened between the assignments that it knows and the newest ones. Its rows come
 * after the assignments, in a commit that holds their version as a Delta transaction: a run that was killed in between
 * is made up for by the next one, and nothing is in it twice. `before`: the relation of a version of the assignments,
 * at hand, or a part of it, and then what that part is `after`wards, all else being the same; without it, or when the feed knows another version, what the feed says itself is replayed.
 */
export async function recordChanges(
  { catalog, session }: { readonly catalog: Catalog; readonly session: Session },
  before?: { readonly rowsVersion: number; readonly relation: string; readonly after?: KnownAfter },
): Promise<void> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const assignments = await catalog.snapshot(ASSIGNMENTS);
    if (assignments === undefined) return;
    const feed = await openFeed(catalog);
    const snapshot = await feed.snapshot();
    const known = snapshot.transactions.get(applicationOf(assignments));
    if (known !== undefined && known >= assignments.rowsVersion) return;
    const isKnown = before !== undefined && known === before.rowsVersion;
    // A part is of no use where somebody else wrote assignments since.
    const isPart = before?.after !== undefined && before.after.version !== assignments.version;
    const relation =
      isKnown && !isPart ? before.relation : `(${replayChanges(await scan(session, snapshot))})`;
    const after =
      isKnown && before.after?.version === assignments.version
        ? before.after.relation
        : await scan(session, assignments);
    const at = new Date(assignments.timestampMs).toISOString();
    const outcome = await feed.write(session, {
      mode: "append",
      query: `SELECT CAST(${snapshot.version + 1} AS BIGINT) AS number, CAST(${assignments.rowsVersion} AS BIGINT) AS version, CAST(${literal(at)} AS TIMESTAMPTZ) AS changed_at, *
        FROM (${changeEvents(relation, after)})`,
      transactions: [{ appId: applicationOf(assignments), version: assignments.rowsVersion }],
      // What was compared with is what the feed said at this version; the rows are numbered by it.
      onlyIf: snapshot.version,
    });
    if (outcome.kind !== "conflict") return;
  }
  throw new OneCopyError(
    "run.feed_contended",
    `${CHANGES} was changed by others ${ATTEMPTS} times while what happened to the people was being added.`,
    { remedy: "Run again; nothing is lost, and nothing is added twice." },
  );
}

/** What the newest resolution moved, by the feed; undefined while the feed is not of the newest assignments. */
export async function lastMovement({
  catalog,
  session,
}: {
  readonly catalog: Catalog;
  readonly session: Session;
}): Promise<Movement | undefined> {
  const assignments = await catalog.snapshot(ASSIGNMENTS);
  const feed = await catalog.snapshot(CHANGES);
  if (assignments === undefined || feed === undefined) return undefined;
  const version = feed.transactions.get(applicationOf(assignments));
  if (version !== assignments.rowsVersion) return undefined;
  const [counted] = await session.rows<{ moved: number; came: number }>(`
    SELECT count(*) FILTER (from_profile_id IS NOT NULL AND to_profile_id IS NOT NULL) AS moved,
      count(*) FILTER (from_profile_id IS NULL) AS came
    FROM (FROM ${await scan(session, feed)} WHERE version = ${version} AND event = 'moved' QUALIFY number = max(number) OVER ())`);
  return movementOf(Number(counted!.moved), (await rowCount(session, assignments)) - Number(counted!.came));
}

async function openFeed(catalog: Catalog): Promise<Table> {
  const properties = { [propertyIdentifying]: JSON.stringify(["record_id"]) };
  return (
    (await catalog.find(CHANGES)) ?? catalog.create(CHANGES, { schema: schemaOf(changeColumns), properties })
  );
}

/** A table that was put in the place of another has version numbers of its own. */
function applicationOf({ tableId }: Snapshot): string {
  return `onecopy.identity.changes.${tableId}`;
}
