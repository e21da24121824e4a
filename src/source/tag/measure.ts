import { ident, type Session } from "../../engine/index.ts";
import { newId } from "../../base/index.ts";
import { placeholders } from "../placeholder.ts";
import { type Shape, shapes } from "./shape.ts";

/** What a column's values say, from the first million rows and a sample of them. */
export interface ColumnMeasure {
  readonly name: string;
  /** The engine's type. */
  readonly type: string;
  readonly rows: number;
  /** Rows with a value that is not blank. */
  readonly filled: number;
  /** Approximate, except that `unique` is exact. */
  readonly distinct: number;
  /** Every row has a value, and no two the same. */
  readonly unique: boolean;
  readonly averageLength: number;
  /** Distinct values, trimmed, in an order that depends on the values only. */
  readonly values: readonly string[];
  /** The share of the sampled rows with a value whose value has a shape, 0…1. */
  share(shape: Shape): number;
}

const rowsLookedAt = 1_000_000;
const rowsSampled = 20_000;
const valuesSampled = 400;

/** Columns that no tag fits are left out. The sample does not depend on the number of threads. */
export async function measureColumns(session: Session, relation: string): Promise<ColumnMeasure[]> {
  const columns = (await session.describe(`SELECT * FROM ${relation}`)).filter(isMeasured);
  if (columns.length === 0) return [];
  const head = ident(`tag_head_${newId()}`);
  const sample = ident(`tag_sample_${newId()}`);
  const texts = columns.map(({ name }, i) => `trim(CAST(${ident(name)} AS VARCHAR)) AS c${i}`).join(", ");
  const names = columns.map((_, i) => `c${i}`);
  try {
    await session.run(
      `CREATE TEMP TABLE ${head} AS SELECT ${texts} FROM (SELECT * FROM ${relation} LIMIT ${rowsLookedAt})`,
    );
    await session.run(
      `CREATE TEMP TABLE ${sample} AS SELECT * FROM ${head} ORDER BY hash(${names.join(", ")}) LIMIT ${rowsSampled}`,
    );
    const [counts] = await session.rows<Record<string, number>>(
      `SELECT count(*) AS n, ${names
        .map(
          (c) => `count(nullif(${c}, '')) AS f_${c}, approx_count_distinct(${c}) AS d_${c},
            coalesce(avg(length(${c})), 0) AS l_${c}`,
        )
        .join(", ")} FROM ${head}`,
    );
    const rows = counts!["n"]!;
    const maybeUnique = names.filter(
      (c) => counts![`f_${c}`] === rows && (rows < 10_000 || counts![`d_${c}`]! >= rows * 0.85),
    );
    const [exact] =
      maybeUnique.length === 0 || rows === 0
        ? [{} as Record<string, number>]
        : await session.rows<Record<string, number>>(
            `SELECT ${maybeUnique.map((c) => `count(DISTINCT ${c}) AS ${c}`).join(", ")} FROM ${head}`,
          );
    const samples = await sampledValues(session, sample, names);
    // Of a column with few values none may be in a sampled row.
    const seldom = samples.filter(({ c, v }) => v === null && counts![`f_${c}`]! > 0).map(({ c }) => c);
    if (seldom.length > 0) samples.push(...(await sampledValues(session, head, seldom)));
    const sampleOf = new Map(samples.map((row) => [row.c, counted(row.v ?? [], row.n ?? [])]));
    return columns.map(({ name, type }, i) => {
      const c = `c${i}`;
      const sampled = sampleOf.get(c) ?? [];
      const filled = sampled.length === 0 ? 0 : counts![`f_${c}`]!;
      return {
        name,
        type,
        rows,
        filled,
        distinct: Math.min(counts![`d_${c}`]!, filled),
        unique: rows > 0 && exact![c] === rows,
        averageLength: counts![`l_${c}`]!,
        values: sampled.map(({ value }) => value),
        share: shareOf(sampled),
      };
    });
  } finally {
    await session.run(`DROP TABLE IF EXISTS ${head}; DROP TABLE IF EXISTS ${sample}`);
  }
}

/** Whether a column can have a tag at all: one that is nested or binary has none. */
export function isMeasured({ name, type }: Pick<ColumnMeasure, "name" | "type">): boolean {
  return !/^(?:BLOB|STRUCT|MAP|UNION|VARIANT)|\[/.test(type) && name !== "_file" && name !== "_row";
}

interface SampledValues {
  readonly c: string;
  readonly v: readonly string[] | null;
  readonly n: readonly number[] | null;
}

async function sampledValues(
  session: Session,
  relation: string,
  names: readonly string[],
): Promise<SampledValues[]> {
  return await session.rows<SampledValues>(
    names
      .map(
        (c) => `SELECT '${c}' AS c, list(v ORDER BY hash(v)) AS v, list(n ORDER BY hash(v)) AS n
          FROM (SELECT ${c} AS v, count(*) AS n FROM ${relation} WHERE ${c} <> '' GROUP BY ${c}
                ORDER BY hash(v) LIMIT ${valuesSampled})`,
      )
      .join(" UNION ALL "),
  );
}

interface Counted {
  readonly value: string;
  readonly count: number;
}

function counted(values: readonly string[], counts: readonly number[]): Counted[] {
  return values
    .map((value, i) => ({ value, count: counts[i] ?? 1 }))
    .filter(({ value }) => !placeholders.includes(value.toLowerCase()));
}

function shareOf(sampled: readonly Counted[]): (shape: Shape) => number {
  const known = new Map<Shape, number>();
  const total = sampled.reduce((sum, { count }) => sum + count, 0);
  return (shape) => {
    const found = known.get(shape);
    if (found !== undefined) return found;
    const matching = sampled.reduce((sum, { value, count }) => sum + (shapes[shape](value) ? count : 0), 0);
    const share = total === 0 ? 0 : matching / total;
    known.set(shape, share);
    return share;
  };
}
