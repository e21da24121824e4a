import type { Session } from "../../src/engine/index.ts";
import { Table, scan } from "../../src/table/index.ts";
import type { Store } from "../../src/storage/index.ts";
import type { Answer, Readers } from "../interop/table/readers.ts";

/** What a reader says of a table: one text for all rows. */
export async function digest(session: Session, relation: string): Promise<string> {
  // The same as `digest` in readers.py.
  const [found] = await session.rows<{ rows: string }>(
    `WITH lines AS (SELECT CAST(t AS VARCHAR) AS line FROM ${relation} AS t)
     SELECT CASE WHEN count(*) <= 100 THEN coalesce(string_agg(line, chr(10) ORDER BY line), '')
       ELSE count(*) || ' rows, ' || bit_xor(hash(line)) END AS rows FROM lines`,
  );
  return found!.rows;
}

/**
 * The rows of a version (default: the newest), once our reader and independent ones of each format agree on them; undefined
 * when there is no table. `foreign`: the Iceberg side may be so many versions behind.
 */
export async function agreedRows(
  session: Session,
  readers: Readers,
  store: Store,
  folder: string,
  { foreign = 0, version }: { readonly foreign?: number | undefined; readonly version?: number } = {},
): Promise<{ rows: string; version: number; table: Table } | undefined> {
  const table = await openIfThere(store, folder);
  if (table === undefined) return undefined;
  const snapshot = await table.snapshot(version);
  const lag = snapshot.version - snapshot.iceberg!.version;
  if (lag < 0 || lag > foreign)
    throw new Error(`the Iceberg side lags by ${lag} at version ${snapshot.version}`);
  const before = await table.snapshot(snapshot.iceberg!.version);
  const rows = await digest(session, await scan(session, snapshot));
  const icebergRows = lag === 0 ? rows : await digest(session, await scan(session, before));
  const answers = await readers.read({
    delta: store.locate(table.folder),
    version: version ?? null,
    metadata: `file://${store.locate(snapshot.iceberg!.metadataKey)}`,
    filter: null,
    // delta-rs refuses deletion vectors and column mapping; DuckDB's delta is another kernel.
    readers: ["delta_rs", "duckdb_delta", "pyiceberg"],
    digest: true,
  });
  const delta = textOf(answers["delta_rs"]!);
  const seen = {
    own: rows,
    delta: /unsupported|not yet supported|reader feature/i.test(delta) ? "refused" : delta,
    duckdbDelta: textOf(answers["duckdb_delta"]!),
    iceberg: textOf(answers["pyiceberg"]!),
  };
  const wanted = {
    own: rows,
    delta: seen.delta === "refused" ? "refused" : rows,
    duckdbDelta: rows,
    iceberg: icebergRows,
  };
  if (JSON.stringify(seen) !== JSON.stringify(wanted))
    throw new Error(`readers disagree at version ${snapshot.version}: ${JSON.stringify(seen, null, 1)}`);
  return { rows, version: snapshot.version, table };
}

function textOf(answer: Answer): string {
  return "error" in answer ? `failed: ${answer.error}` : answer.rows[0]![0]!;
}

async function openIfThere(store: Store, folder: string): Promise<Table | undefined> {
  try {
    return await Table.open(store, folder);
  } catch (error) {
    if ((error as { code?: unknown }).code === "table.not_found") return undefined;
    throw error;
  }
}
