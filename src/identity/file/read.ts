import { access } from "node:fs/promises";
import { OneCopyError } from "../../base/index.ts";
import { literal, type Session } from "../../engine/index.ts";

/** Column of the row's number, from 1, in what {@link readFile} makes. */
export const rowColumn = "_row";

/**
 * Makes table `identity_file`: the rows of a CSV, JSON lines or Parquet file, all values as text, numbered in `_row`. The format
 * is told by the ending. Fails with `identity.file_not_found`, `identity.file_format`, `identity.file_unreadable`.
 */
export async function readFile(session: Session, file: string): Promise<readonly string[]> {
  await access(file).catch(() => {
    throw new OneCopyError("identity.file_not_found", `There is no file ${file} that can be read.`, {
      remedy: "Check the path.",
    });
  });
  let firstFailure: unknown;
  for (const relation of relationsOf(file)) {
    try {
      return await load(session, relation);
    } catch (cause) {
      if (cause instanceof OneCopyError && cause.code === "engine.cancelled") throw cause;
      firstFailure ??= cause;
    }
  }
  throw new OneCopyError("identity.file_unreadable", `${file} could not be read: ${String(firstFailure)}`, {
    remedy:
      "Every row is to get an id, so a file with malformed rows is refused: correct the row that is named.",
    cause: firstFailure,
  });
}

/** A CSV file that is no UTF-8 is most often Latin-1. */
function relationsOf(file: string): readonly string[] {
  const path = literal(file);
  const name = file.toLowerCase().replace(/\.(gz|zst)$/, "");
  if (/\.(csv|tsv|txt)$/.test(name)) {
    const csv = (more: string): string =>
      `read_csv(${path}, all_varchar = true, header = true, sample_size = 20000, max_line_size = 20000000${more})`;
    return [csv(""), csv(", encoding = 'latin-1'")];
  }
  if (/\.(jsonl|ndjson|json)$/.test(name))
    return [
      `read_json(${path}, format = '${name.endsWith(".json") ? "auto" : "newline_delimited"}', sample_size = -1)`,
    ];
  if (name.endsWith(".parquet")) return [`read_parquet(${path})`];
  throw new OneCopyError(
    "identity.file_format",
    `${file} is no CSV, JSON lines or Parquet file by its ending.`,
    {
      remedy: "Give it the ending .csv, .tsv, .jsonl, .ndjson, .json or .parquet.",
    },
  );
}

async function load(session: Session, relation: string): Promise<readonly string[]> {
  await session.run(`CREATE OR REPLACE TEMP TABLE identity_file AS
    SELECT CAST(row_number() OVER () AS BIGINT) AS ${rowColumn}, * FROM (SELECT CAST(COLUMNS(*) AS VARCHAR) FROM ${relation})`);
  const columns = await session.describe("SELECT * FROM identity_file");
  return columns.map(({ name }) => name).filter((name) => name !== rowColumn);
}
