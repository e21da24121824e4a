import { expect } from "vitest";
import type { Table } from "../../../src/table/index.ts";
import type { ServedProject } from "../../bridge/served-project.ts";
import { type Readers, type Rows, sorted } from "../table/readers.ts";

/** An engine that writes through the REST catalog. */
interface Writer {
  readonly served: ServedProject;
  readonly readers: Readers;
  /** The name that the catalog has there. */
  readonly catalog: string;
  sql(statement: string): Promise<{ readonly rows: Rows }>;
}

async function rowsBy(
  { served, readers }: Writer,
  table: Table,
  reader: string,
  version: number,
): Promise<Rows> {
  const { iceberg } = await table.snapshot(version);
  expect(iceberg?.version).toBe(version);
  const { lake } = served.project;
  const answers = await readers.read({
    delta: lake.locate(table.folder),
    version,
    metadata: `file://${lake.locate(iceberg!.metadataKey)}`,
    // delta-rs reads deletion vectors by its SQL, which it is asked by when there is a filter.
    filter: { column: "id", op: ">", value: "-1000", type: "BIGINT" },
    readers: [reader],
  });
  const answer = answers[reader]!;
  if ("error" in answer) throw new Error(`${reader}: ${answer.error}`);
  return sorted(answer.rows);
}

/**
 * Runs each statement, in which `T` is the table; how many rows the engine sees after each. They are the rows of delta-rs
 * and of PyIceberg.
 */
export async function play(writer: Writer, name: string, statements: readonly string[]): Promise<number[]> {
  const { served, catalog } = writer;
  const counts: number[] = [];
  for (const statement of statements) {
    const before = await (await served.catalog.find(name))?.snapshot();
    await writer.sql(statement.replaceAll(/\bT\b/g, `${catalog}.${name}`));
    const table = (await served.catalog.find(name))!;
    const { version } = await table.snapshot();
    expect({ statement, isNew: version > (before?.version ?? -1) }).toEqual({ statement, isNew: true });
    const rows = sorted((await writer.sql(`SELECT * FROM ${catalog}.${name}`)).rows);
    for (const reader of ["delta_rs", "pyiceberg"])
      expect({ statement, reader, rows: await rowsBy(writer, table, reader, version) }).toEqual({
        statement,
        reader,
        rows,
      });
    counts.push(rows.length);
  }
  return counts;
}
