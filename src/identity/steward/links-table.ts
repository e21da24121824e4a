import { OneCopyError } from "../../base/index.ts";
import type { Catalog } from "../../catalog/index.ts";
import { type Session, literal } from "../../engine/index.ts";
import { schemaOf } from "../../schema/index.ts";
import { type Table, propertyIdentifying, scan } from "../../table/index.ts";
import { type RecordName, recordKey, recordText } from "../explain/read-record.ts";
import { chainOfLinks, withoutContradictions } from "./decision.ts";
import type { StewardLink } from "./on-nodes.ts";

/** What stewards decided by hand: appended to, never changed, kept for ever. */
export const LINKS = "identity.links";

/** One row. Of two records the newest row counts; `forget` takes back what was decided of them. */
export interface LinkRow {
  /** 1, 2, … in the order in which they were made. */
  readonly number: number;
  /** ISO 8601. */
  readonly made_at: string;
  readonly made_by: string;
  readonly kind: "link" | "unlink" | "forget";
  /** The two records, the smaller (source, id) to the left. */
  readonly left_source: string;
  readonly left_id: string;
  readonly right_source: string;
  readonly right_id: string;
  readonly message: string;
}

const columns: Readonly<Record<keyof LinkRow, string>> = {
  number: "BIGINT",
  made_at: "TIMESTAMP WITH TIME ZONE",
  made_by: "VARCHAR",
  kind: "VARCHAR",
  left_source: "VARCHAR",
  left_id: "VARCHAR",
  right_source: "VARCHAR",
  right_id: "VARCHAR",
  message: "VARCHAR",
};
const names = Object.keys(columns) as (keyof LinkRow)[];
const identifying = ["left_id", "right_id", "message"];
const ATTEMPTS = 20;

interface Lake {
  readonly catalog: Catalog;
  readonly session: Session;
}

/** Every row, newest first; none while there is no table. */
export async function readLinks({ catalog, session }: Lake): Promise<readonly LinkRow[]> {
  const table = await catalog.find(LINKS);
  return table === undefined ? [] : rowsOf(session, table);
}

async function rowsOf(session: Session, table: Table): Promise<readonly LinkRow[]> {
  return session.rows<LinkRow & Record<string, never>>(
    `SELECT ${names.join(", ")} FROM ${await scan(session, await table.snapshot())} ORDER BY number DESC`,
  );
}

/** The newest row of each two records, newest first, without those that were taken back. */
export function newestLinks(rows: readonly LinkRow[]): readonly (LinkRow & { kind: "link" | "unlink" })[] {
  const seen = new Set<string>();
  return rows.flatMap((row) => {
    const pair = recordKey(leftOf(row)) + recordKey(rightOf(row));
    if (seen.has(pair)) return [];
    seen.add(pair);
    return row.kind === "forget" ? [] : [{ ...row, kind: row.kind }];
  });
}

/** As a resolution takes them. */
export function stewardLinks(rows: readonly LinkRow[]): readonly StewardLink[] {
  return newestLinks(rows).map((row) => ({
    kind: row.kind,
    left: leftOf(row),
    right: rightOf(row),
  }));
}

export interface NewLink {
  readonly kind: LinkRow["kind"];
  readonly records: readonly [RecordName, RecordName];
  readonly by: string;
  readonly message: string;
  readonly at: Date;
}

/**
 * Appends what a steward decided: the row, or undefined when the same is in force already. Fails with
 * `identity.same_record`, `identity.unknown_record` (of a link or an unlink), `identity.contradictory_link`, and `identity.no_link` when there
 * is nothing to forget.
 */
export async function addLink(lake: Lake, link: NewLink): Promise<LinkRow | undefined> {
  const [left, right] = [...link.records].sort(byName) as [RecordName, RecordName];
  if (byName(left, right) === 0)
    throw new OneCopyError(
      "identity.same_record",
      `${recordText(left)} and ${recordText(right)} are one record.`,
      {
        remedy: "Name two records, each as SOURCE:ID.",
      },
    );
  if (link.kind !== "forget") for (const record of [left, right]) await requireRecord(lake, record);
  const { catalog, session } = lake;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const table = await openTable(catalog);
    const snapshot = await table.snapshot();
    const rows = await rowsOf(session, table);
    const inForce = newestLinks(rows);
    const row: LinkRow = {
      number: (rows[0]?.number ?? 0) + 1,
      made_at: link.at.toISOString(),
      made_by: link.by,
      kind: link.kind,
      left_source: left.source,
      left_id: left.recordId,
      right_source: right.source,
      right_id: right.recordId,
      message: link.message,
    };
    const same = inForce.find(
      (other) =>
        recordText(leftOf(other)) === recordText(left) && recordText(rightOf(other)) === recordText(right),
    );
    if (link.kind === same?.kind) return undefined;
    if (link.kind === "forget" && same === undefined) throw nothingToForget(left, right);
    if (link.kind !== "forget")
      requireAgreement(
        inForce.filter((other) => other !== same),
        { ...row, kind: link.kind },
      );
    const values = names.map((name) => `CAST(${literal(row[name])} AS ${columns[name]}) AS ${name}`);
    const outcome = await table.write(session, {
      mode: "append",
      query: `SELECT ${values.join(", ")}`,
      onlyIf: snapshot.version,
    });
    if (outcome.kind !== "conflict") return row;
  }
  throw new OneCopyError(
    "identity.links_contended",
    `${LINKS} was changed by others ${ATTEMPTS} times while a row was being added.`,
    { remedy: "Try again; nothing was added." },
  );
}

async function openTable(catalog: Catalog): Promise<Table> {
  const schema = schemaOf(names.map((name) => ({ name, type: columns[name] })));
  const properties = { [propertyIdentifying]: JSON.stringify(identifying) };
  return (await catalog.find(LINKS)) ?? catalog.create(LINKS, { schema, properties });
}

async function requireRecord({ catalog, session }: Lake, record: RecordName): Promise<void> {
  const assignments = await catalog.snapshot("identity.assignments");
  const found =
    assignments === undefined
      ? []
      : await session.rows(
          `SELECT 1 FROM ${await scan(session, assignments)}
           WHERE source = ${literal(record.source)} AND record_id = ${literal(record.recordId)}`,
        );
  if (found.length > 0) return;
  throw new OneCopyError("identity.unknown_record", `No record ${recordText(record)} was resolved.`, {
    remedy:
      'Name a record as SOURCE:ID; `onecopy query "from identity.assignments"` lists them, after a run.',
  });
}

type InForce = ReturnType<typeof newestLinks>[number];

/** A new decision may not contradict what is in force: somebody has to say which of the two is wrong. */
function requireAgreement(inForce: readonly InForce[], wanted: InForce): void {
  const decisions = inForce.map((row) => ({
    kind: row.kind,
    a: recordText(leftOf(row)),
    b: recordText(rightOf(row)),
    row,
  }));
  const [a, b] = [recordText(leftOf(wanted)), recordText(rightOf(wanted))];
  // As if it were the oldest: then it is the one that does not hold.
  const { contradicted, held } = withoutContradictions<string, (typeof decisions)[number]>([
    ...decisions,
    { kind: wanted.kind, a, b, row: wanted },
  ]);
  if (!contradicted.some(({ row }) => row === wanted)) return;
  if (wanted.kind === "unlink") {
    const chain = chainOfLinks(held, a, b) ?? [];
    throw contradictory(`${a} and ${b} cannot be kept apart: ${chain.join(" = ")} by hand.`, "forget");
  }
  for (const { kind, a: x, b: y } of held) {
    if (kind === "link") continue;
    const [ax, by, ay, bx] = [
      chainOfLinks(held, a, x),
      chainOfLinks(held, y, b),
      chainOfLinks(held, a, y),
      chainOfLinks(held, x, b),
    ];
    const chain =
      ax !== undefined && by !== undefined
        ? [ax, by]
        : ay !== undefined && bx !== undefined
          ? [ay, bx]
          : undefined;
    if (chain === undefined) continue;
    throw contradictory(
      `${a} and ${b} cannot be linked: ${chain[0]!.join(" = ")} and ${chain[1]!.join(" = ")}, and ${x} and ${y} are kept apart by hand.`,
      "forget",
    );
  }
}

function contradictory(message: string, command: string): OneCopyError {
  return new OneCopyError("identity.contradictory_link", message, {
    remedy: `Take back what is wrong of it first: \`onecopy identity ${command} RECORD OTHER\`; \`onecopy identity links\` says who decided it and why.`,
  });
}

function nothingToForget(left: RecordName, right: RecordName): OneCopyError {
  return new OneCopyError(
    "identity.no_link",
    `Nothing is decided of ${recordText(left)} and ${recordText(right)}.`,
    {
      remedy: "`onecopy identity links` lists what is.",
    },
  );
}

/** The two records of a row. */
export function leftOf(row: LinkRow): RecordName {
  return { source: row.left_source, recordId: row.left_id };
}

export function rightOf(row: LinkRow): RecordName {
  return { source: row.right_source, recordId: row.right_id };
}

function byName(one: RecordName, other: RecordName): number {
  const [a, b] = [recordKey(one), recordKey(other)];
  return a < b ? -1 : a > b ? 1 : 0;
}
