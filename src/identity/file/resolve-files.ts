import { ident, literal, type Session } from "../../engine/index.ts";
import type { TagSuggestion } from "../../source/index.ts";
import { type Evaluation, evaluate } from "../evaluate.ts";
import type { IdentityInput } from "../input.ts";
import { type Resolution, resolve, type ResolveStep } from "../resolve.ts";
import { findIdColumn } from "./id-column.ts";
import { columnOfEachFile } from "./named-column.ts";
import { type ReadFile, readFile, type RejectedLines, rowColumn } from "./read.ts";
import { requireDifferentStems } from "./stem.ts";
import type { Matching } from "../weigh/matching.ts";
import { type GivenTag, type NamedRows, tagsOfFiles } from "./tags.ts";
import { outFormat, writeProfiles } from "./write.ts";

export interface ResolveFilesOptions {
  /** CSV, JSON lines or Parquet files, each with columns of its own. */
  readonly files: readonly string[];
  /** Where `source,id,profile_id` goes, a row for each input row, in their order: CSV or Parquet by ending. */
  readonly out: string;
  /** Columns that name the rows: `COLUMN`, in every file that has it, or `STEM=COLUMN`. Found where none is named. */
  readonly ids?: readonly string[];
  /** They win over suggested ones. */
  readonly tags?: readonly GivenTag[];
  /** Who each row is in truth, as `ids` are named; one value is one person in all files. Measured against, never evidence. */
  readonly truth?: readonly string[];
  /** How readily records become one person; default: balanced. */
  readonly matching?: Matching;
  readonly signal?: AbortSignal;
  readonly onProgress?: (step: "read" | ResolveStep | "write") => void;
}

export interface FilesResolution {
  readonly rows: number;
  readonly profiles: number;
  readonly files: readonly ResolvedFile[];
  /** Over the rows that have a truth. */
  readonly evaluation: Evaluation | undefined;
  readonly resolution: Resolution;
}

export interface ResolvedFile {
  /** As the user wrote it. */
  readonly file: string;
  /** What its records are called in the output: the file's stem. */
  readonly source: string;
  readonly rows: number;
  readonly rejected: RejectedLines;
  /** Undefined: no column names the rows, so `id` is the row's number, from 1. */
  readonly idColumn: string | undefined;
  readonly truthColumn: string | undefined;
  /** The tags that counted, in column order, with why. */
  readonly tags: readonly TagSuggestion[];
}

/**
 * Resolves the people in plain files together, with no configuration. Every row gets a profile, also one that
 * says nothing of a person; a malformed line is no row, and is reported.
 * Fails with `identity.file_not_found`, `identity.file_unreadable`, `identity.same_stem`, `identity.no_evidence`,
 * `identity.unknown_column`, `identity.unknown_file`, `identity.two_columns`, `identity.not_evidence`, `identity.wrong_tag`,
 * `identity.no_key`,
 * `identity.null_id`, `identity.duplicate_id`, `identity.out_format`.
 */
export async function resolveFiles(session: Session, options: ResolveFilesOptions): Promise<FilesResolution> {
  const { files, out, signal, onProgress } = options;
  const format = outFormat(files, out);
  requireDifferentStems(files);
  onProgress?.("read");
  const read: ReadFile[] = [];
  for (const [i, file] of files.entries()) read.push(await readFile(session, file, `identity_file_${i}`));
  const named = await nameRows(session, read, options);
  const tags = await tagsOfFiles(session, named, options.tags ?? []);
  const inputs = named.map(({ source, table, idColumn }, i): IdentityInput => ({
    source,
    relation: table,
    idColumn: idColumn ?? rowColumn,
    tags: Object.fromEntries(tags[i]!.map(({ column, tag }) => [column, tag])),
  }));
  const resolution = await resolve(session, inputs, {
    ...(options.matching === undefined ? {} : { matching: options.matching }),
    ...(signal === undefined ? {} : { signal }),
    ...(onProgress === undefined ? {} : { onProgress }),
  });
  const evaluation = await evaluateFiles(session, named, resolution);
  onProgress?.("write");
  await writeProfiles(session, inputs, resolution.tables.assignments, out, format);
  const [counts] = await session.rows<Record<string, number>>(
    `SELECT ${named.map(({ table }, i) => `(SELECT count(*) FROM ${table}) AS n${i}`).join(", ")}`,
  );
  return {
    rows: resolution.records,
    profiles: resolution.profiles,
    files: named.map(({ file, source, rejected, idColumn, truthColumn }, i) => ({
      file,
      source,
      rows: counts![`n${i}`]!,
      rejected,
      idColumn,
      truthColumn,
      tags: tags[i]!,
    })),
    evaluation,
    resolution,
  };
}

async function nameRows(
  session: Session,
  files: readonly ReadFile[],
  { ids = [], truth = [] }: ResolveFilesOptions,
): Promise<NamedRows[]> {
  const [idOf, truthOf] = [columnOfEachFile(files, ids, "id"), columnOfEachFile(files, truth, "truth")];
  const named: NamedRows[] = [];
  for (const file of files) {
    const truthColumn = truthOf.get(file);
    const candidates = file.columns.filter((column) => column !== truthColumn);
    const idColumn = await findIdColumn(session, file, candidates, idOf.get(file));
    named.push({ ...file, idColumn, truthColumn });
  }
  return named;
}

async function evaluateFiles(
  session: Session,
  files: readonly NamedRows[],
  { tables }: Resolution,
): Promise<Evaluation | undefined> {
  const truth = files.flatMap(({ source, table, idColumn, truthColumn }) =>
    truthColumn === undefined
      ? []
      : [
          `SELECT ${literal(source)} AS source, CAST(${ident(idColumn ?? rowColumn)} AS VARCHAR) AS record_id,
             nullif(trim(${ident(truthColumn)}), '') AS person FROM ${table}`,
        ],
  );
  if (truth.length === 0) return undefined;
  return await evaluate(session, tables.assignments, `(${truth.join(" UNION ALL ")})`);
}
