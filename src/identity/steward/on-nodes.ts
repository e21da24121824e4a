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
  /** Those that contradict newer ones. */
  readonly contradicted: readonly StewardLink[];
}

const rowsInOneStatement = 1000;

/**
 * Finds the records of links, newest first, in `identity_raw`; a link of a record that is not there takes no part. Makes `identity_apart(r)`:
 * the records that must not become one node with another that says the same.
 */
export async function findLinked(session: Session, newestFirst: readonly StewardLink[]): Promise<HeldLinks> {
  await session.run(`CREATE OR REPLACE TEMP TABLE identity_apart (r INTEGER);
    CREATE OR REPLACE TEMP TABLE identity_told (i INTEGER, ls VARCHAR, li VARCHAR, rs VARCHAR, ri VARCHAR)`);
  if (newestFirst.length === 0) return { decisions: [], contradicted: [] };
  for (let from = 0; from < newestFirst.length; from += rowsInOneStatement) {
    const rows = newestFirst.slice(from, from + rowsInOneStatement).map(({ left, right }, i) => {
      const names = [left.source, left.recordId, right.source, right.recordId].map(literal);
      return `(${from + i}, ${names.join(", ")})`;
    });
    await session.run(`INSERT INTO identity_told VALUES ${rows.join(", ")}`);
  }
  const found = await session.arrays(`SELECT t.i, x.r AS a, y.r AS b FROM identity_told t
    JOIN identity_raw x ON x.source = t.ls AND x.record_id = t.li JOIN identity_raw y ON y.source = t.rs AND y.record_id = t.ri ORDER BY t.i`);
  const place = found["i"]!;
  const present = Array.from({ length: place.length }, (_, at) => {
    const link = newestFirst[Number(place[at])]!;
    return { kind: link.kind, a: Number(found["a"]![at]), b: Number(found["b"]![at]), link };
  });
  const { held, contradicted } = withoutContradictions<number, (typeof present)[number]>(present);
  const apart = new Set(held.flatMap((one) => (one.kind === "unlink" ? [one.a, one.b] : [])));
  await session.load("identity_apart", { r: Int32Array.from(apart) });
  return { decisions: held, contradicted: contradicted.map(({ link }) => link) };
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
