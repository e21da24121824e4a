import { expect } from "vitest";
import { type Table, scan } from "../../../src/table/index.ts";
import type { TestLake } from "./lake.ts";
import { type Answer, type Readers, sorted } from "./readers.ts";

type Found = Exclude<Answer, { error: string }>;

/** What a reader found; of rows, in one order for all. Throws what it says instead. */
export function found(answer: Answer | undefined): Found {
  if (answer === undefined || "error" in answer) throw new Error(answer?.error ?? "no answer");
  return { columns: answer.columns, rows: sorted(answer.rows) };
}

/** What OneCopy reads, without the columns whose texts differ from reader to reader. */
export async function ownRows(
  lake: Pick<TestLake, "session">,
  table: Table,
  version?: number,
): Promise<Found> {
  const relation = await scan(lake.session, await table.snapshot(version));
  const described = await lake.session.describe(`SELECT * FROM ${relation}`);
  const columns = described.filter(({ type }) => plain.test(type)).map(({ name }) => name);
  const texts = columns.map((name) => `"${name}"::VARCHAR`);
  const rows = await lake.session.rows(`SELECT ${texts.join(", ")} FROM ${relation}`);
  return { columns, rows: sorted(rows.map((row) => Object.values(row) as (string | null)[])) };
}

const plain = /^(BIGINT|INTEGER|SMALLINT|VARCHAR|DATE|DECIMAL.*)$/;

/** A part of the columns. */
export function only({ columns, rows }: Found, names: readonly string[]): Found {
  const at = names.map((name) => columns.indexOf(name));
  return { columns: [...names], rows: sorted(rows.map((row) => at.map((i) => row[i]!))) };
}

/**
 * Heals, and checks that every version from `first` on has an Iceberg side with exactly the rows of the Delta side:
 * DuckDB reads that one (or who `delta` says), PyIceberg and DuckDB the other.
 */
export async function expectHealed(
  lake: TestLake,
  readers: Readers,
  table: Table,
  first: number,
  delta = "duckdb_delta",
): Promise<void> {
  const { blocked } = await table.heal();
  const { version: newest } = await table.snapshot();
  expect({ newest, blocked }).toEqual({ newest, blocked: undefined });
  for (let version = first; version <= newest; version++) {
    const request = await lake.request(table, version);
    const names = [delta, "pyiceberg", "duckdb_iceberg"];
    const answers = await readers.read({ ...request, readers: names });
    const truth = found(answers[delta]);
    for (const name of names)
      expect({ version, name, ...found(answers[name]) }).toEqual({ version, name, ...truth });
    const own = await ownRows(lake, table, version);
    expect({ version, ...own }).toEqual({ version, ...only(truth, own.columns) });
  }
}
