import { literal, type Session } from "../../engine/index.ts";
import type { RecordName } from "../explain/read-record.ts";
import { type Decision, withoutContradictions } from "./decision.ts";

/** A decision of a steward about two records. */
export interface StewardLink {
  readonly kind: Decision["kind"];
  readonly left: RecordName;
  readonly right: RecordName;
}

export interface HeldLinks {
  /** By the records' numbers in `identity_raw`. */
  readonly decisions: readonly Decision<number>[];
  /** The same with those that take no part. */
  readonly told: readonly Decision<number>[];
  /** Those that contradict newer ones. */
  readonly contradicted: readonly StewardLink[];
}

const rowsInOneStatement = 1000;

/** Makes `identity_told(i, ls, li, rs, ri)`: the names of each link's two records. */
export async function loadLinks(session: Session, links: readonly StewardLink[]): Promise<void> {
  await session.run(
    "CREATE OR REPLACE TEMP TABLE identity_told (i INTEGER, ls VARCHAR, li VARCHAR, rs VARCHAR, ri VARCHAR)",
  );
  for (let from = 0; from < links.length; from += rowsInOneStatement) {
    const rows = links.slice(from, from + rowsInOneStatement).map(({ left, right }, i) => {
      const names = [left.source, left.recordId, right.source, right.recordId].map(literal);
      return `(${from + i}, ${names.join(", ")})`;
    });
    await session.run(`INSERT INTO identity_told VALUES ${rows.join(", ")}`);
  }
}

/**
 * Finds the records of links, newest first, in `identity_raw`; a link of a record that is not there takes no part. Makes `identity_apart(r)`:
 * the records of which a steward told that they are not another one: they must not become one node with one that says the same.
 */
export async function findLinked(session: Session, newestFirst: readonly StewardLink[]): Promise<HeldLinks> {
  await session.run(`CREATE OR REPLACE TEMP TABLE identity_apart (r INTEGER)`);
  await loadLinks(session, newestFirst);
  if (newestFirst.length === 0) return { decisions: [], told: [], contradicted: [] };
  const found = await session.arrays(`SELECT t.i, x.r AS a, y.r AS b FROM identity_told t
    JOIN identity_raw x ON x.source = t.ls AND x.record_id = t.li JOIN identity_raw y ON y.source = t.rs AND y.record_id = t.ri ORDER BY t.i`);
  const place = found["i"]!;
  const present = Array.from({ length: place.length }, (_, at) => {
    const link = newestFirst[Number(place[at])]!;
    return { kind: link.kind, a: Number(found["a"]![at]), b: Number(found["b"]![at]), link };
  });
  const { held, contradicted } = withoutContradictions<number, (typeof present)[number]>(present);
  const unlinks = newestFirst.flatMap(({ kind }, i) => (kind === "unlink" ? [i] : []));
  await session.load("identity_unlinked", { i: Int32Array.from(unlinks) });
  await session.run(`INSERT INTO identity_apart SELECT r FROM (
    SELECT ls AS source, li AS record_id FROM identity_told SEMI JOIN identity_unlinked USING (i)
    UNION SELECT rs, ri FROM identity_told SEMI JOIN identity_unlinked USING (i)) JOIN identity_raw USING (source, record_id);
    DROP TABLE identity_unlinked`);
  return { decisions: held, told: present, contradicted: contradicted.map(({ link }) => link) };
}

/** The same decisions by the nodes that `identity_member` has for the records. */
export async function onNodes(
  session: Session,
  decisions: readonly Decision<number>[],
): Promise<Decision<number>[]> {
  if (decisions.length === 0) return [];
  await session.load("identity_told", {
    r: Int32Array.from(new Set(decisions.flatMap(({ a, b }) => [a, b]))),
  });
  const rows = await session.rows<{ r: number; node: number }>(
    "SELECT r, node FROM identity_member SEMI JOIN identity_told USING (r)",
  );
  const node = new Map(rows.map((row) => [row.r, row.node]));
  return decisions.map(({ kind, a, b }) => ({ kind, a: node.get(a)!, b: node.get(b)! }));
}
