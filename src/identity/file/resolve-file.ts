import { rename, rm } from "node:fs/promises";
import { resolve as absolute } from "node:path";
import { newId, OneCopyError } from "../../base/index.ts";
import { ident, literal, type Session } from "../../engine/index.ts";
import { suggestTags, type Tag, type TagSuggestion } from "../../source/index.ts";
import { type Evaluation, evaluate } from "../evaluate.ts";
import { type Resolution, resolve, type ResolveStep } from "../resolve.ts";
import { findIdColumn, requireColumn } from "./id-column.ts";
import { type RejectedLines, readFile, rowColumn } from "./read.ts";

export interface ResolveFileOptions {
  /** A CSV, JSON lines or Parquet file. */
  readonly file: string;
  /** Where `id,profile_id` goes, a row for each input row, in its order: CSV or Parquet by ending. */
  readonly out: string;
  /** Found when not named. */
  readonly idColumn?: string;
  /** Tags that a person gave; they win over suggested ones, and `"none"` takes a column out. */
  readonly tags?: Readonly<Record<string, Tag | "none">>;
  /** Who each row is in truth: measured against, never evidence. */
  readonly truthColumn?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (step: "read" | ResolveStep | "write") => void;
}

export interface FileResolution {
  readonly rows: number;
  readonly profiles: number;
  readonly rejected: RejectedLines;
  /** Undefined: no column names the rows, so `id` is the row's number, from 1. */
  readonly idColumn: string | undefined;
  /** The tags that counted, in column order, with why. */
  readonly tags: readonly TagSuggestion[];
  readonly evaluation: Evaluation | undefined;
  readonly resolution: Resolution;
}

const source = "file";

/**
 * Resolves the people in a plain file, with no configuration. Every row gets a profile, also one that
 * says nothing of a person; a malformed line is no row, and is reported.
 * Fails with `identity.file_not_found`, `identity.file_unreadable`, `identity.no_evidence`,
 * `identity.unknown_column`, `identity.null_id`, `identity.duplicate_id`, `identity.out_format`.
 */
export async function resolveFile(session: Session, options: ResolveFileOptions): Promise<FileResolution> {
  const { file, out, truthColumn, signal, onProgress } = options;
  const format = formatOf(file, out);
  onProgress?.("read");
  const { columns, rejected } = await readFile(session, file);
  if (truthColumn !== undefined) requireColumn(columns, truthColumn, "truth");
  const candidates = columns.filter((column) => column !== truthColumn);
  const idColumn = await findIdColumn(
    session,
    options.idColumn === truthColumn ? columns : candidates,
    options.idColumn,
  );
  const tags = await chooseTags(
    session,
    candidates.filter((column) => column !== idColumn),
    options.tags ?? {},
    idColumn,
  );
  const resolution = await resolve(
    session,
    [
      {
        source,
        relation: "identity_file",
        idColumn: rowColumn,
        tags: Object.fromEntries(tags.map(({ column, tag }) => [column, tag])),
      },
    ],
    { ...(signal === undefined ? {} : { signal }), ...(onProgress === undefined ? {} : { onProgress }) },
  );
  const evaluation =
    truthColumn === undefined
      ? undefined
      : await evaluate(
          session,
          resolution.tables.assignments,
          `(SELECT '${source}' AS source, CAST(${rowColumn} AS VARCHAR) AS record_id, ${ident(truthColumn)} AS person FROM identity_file)`,
        );
  onProgress?.("write");
  await writeOut(session, resolution, idColumn, out, format);
  return {
    rejected,
    rows: resolution.records,
    profiles: resolution.profiles,
    idColumn,
    tags,
    evaluation,
    resolution,
  };
}

function formatOf(file: string, out: string): "csv" | "parquet" {
  const format = /\.(csv|parquet)$/i.exec(out)?.[1]?.toLowerCase();
  if (format === undefined)
    throw new OneCopyError("identity.out_format", `${out} ends neither in .csv nor in .parquet.`, {
      remedy: "Give the output one of these endings.",
    });
  if (absolute(file) === absolute(out))
    throw new OneCopyError("identity.out_format", `The output ${out} would overwrite the input.`, {
      remedy: "Name another file.",
    });
  return format as "csv" | "parquet";
}

async function chooseTags(
  session: Session,
  columns: readonly string[],
  given: Readonly<Record<string, Tag | "none">>,
  idColumn: string | undefined,
): Promise<TagSuggestion[]> {
  for (const column of Object.keys(given)) {
    if (column === idColumn)
      throw new OneCopyError(
        "identity.unknown_column",
        `Column ${column} is the id of the rows, which is no evidence.`,
        {
          remedy: "Name another id column, or leave its tag out.",
        },
      );
    requireColumn(columns, column, "tagged");
  }
  const suggested =
    columns.length === 0
      ? []
      : await suggestTags(session, `(SELECT ${columns.map(ident).join(", ")} FROM identity_file)`, {
          confirmed: given,
        });
  const tags = columns.flatMap((column): TagSuggestion[] => {
    const tag = given[column];
    if (tag === "none") return [];
    if (tag !== undefined) return [{ column, tag, confidence: 1, reason: "given" }];
    return suggested.filter((suggestion) => suggestion.column === column);
  });
  if (tags.length === 0)
    throw new OneCopyError(
      "identity.no_evidence",
      `No column looks like a name, an e-mail, a phone, an address or a date of birth; the columns are ${columns.join(", ")}.`,
      { remedy: "Say what columns mean with --tag COLUMN=TAG, for example --tag name=full_name." },
    );
  return tags;
}

/** Written under another name first, so that a half-written file never stands under the one that was asked for. */
async function writeOut(
  session: Session,
  { tables }: Resolution,
  idColumn: string | undefined,
  out: string,
  format: "csv" | "parquet",
): Promise<void> {
  const partial = `${out}.${newId()}.partial`;
  try {
    await session.run(`COPY (
      SELECT ${idColumn === undefined ? rowColumn : ident(idColumn)} AS id, profile_id
      FROM identity_file JOIN ${tables.assignments} ON record_id = CAST(${rowColumn} AS VARCHAR) ORDER BY ${rowColumn})
      TO ${literal(partial)} (${format === "csv" ? "FORMAT csv, HEADER true" : "FORMAT parquet"})`);
    await rename(partial, out);
  } catch (cause) {
    await rm(partial, { force: true });
    throw cause;
  }
}
