import { OneCopyError } from "../../base/index.ts";
import { ident, type Session } from "../../engine/index.ts";
import { type OtherSource, suggestTags, type Tag, type TagSuggestion } from "../../source/index.ts";
import { listed, namedColumns } from "./named-column.ts";
import type { ReadFile } from "./read.ts";
import { requireForm } from "./wrong-tag.ts";

/** What a person said a column means: `column` is `COLUMN`, in every file that has it, or `STEM.COLUMN`. */
export interface GivenTag {
  readonly column: string;
  /** `"none"` takes the column out. */
  readonly tag: Tag | "none";
}

/** A file with the columns that are no evidence. */
export interface NamedRows extends ReadFile {
  /** Undefined: rows go by their numbers. */
  readonly idColumn: string | undefined;
  readonly truthColumn: string | undefined;
}

/**
 * The tags that count in each file, in column order: given ones win over suggested ones. A column that holds the ids of another file
 * points to it. Fails with `identity.no_evidence`, `identity.unknown_column`, `identity.unknown_file`, `identity.not_evidence`,
 * `identity.no_key`, `identity.wrong_tag`.
 */
export async function tagsOfFiles(
  session: Session,
  files: readonly NamedRows[],
  given: readonly GivenTag[],
): Promise<TagSuggestion[][]> {
  const said = saidOfFiles(files, given);
  const found: TagSuggestion[][] = [];
  for (const file of files)
    found.push(await tagsOfFile(session, file, said.get(file) ?? {}, othersOf(file, files)));
  for (const [file, tags] of said)
    for (const [column, tag] of Object.entries(tags))
      if (tag !== "none") await requireForm(session, file, column, tag);
  for (const tags of found) for (const { column, tag } of tags) requireKeyed(column, tag, files, found);
  return found;
}

/** A file that a foreign key points to must have ids of its own: row numbers are nobody's key. */
function requireKeyed(
  column: string,
  tag: Tag,
  files: readonly NamedRows[],
  found: readonly (readonly TagSuggestion[])[],
): void {
  const at = files.findIndex(({ source }) => tag === `foreign_key:${source}`);
  if (at === -1 || files[at]!.idColumn !== undefined) return;
  if (found[at]!.some((own) => own.tag === "customer_key" || own.tag === tag)) return;
  throw new OneCopyError(
    "identity.no_key",
    `Column ${column} is said to hold keys of ${files[at]!.source}, which has no id column.`,
    { remedy: `Name it with --id ${files[at]!.source}=COLUMN.` },
  );
}

type Said = Readonly<Record<string, Tag | "none">>;

function saidOfFiles(files: readonly NamedRows[], given: readonly GivenTag[]): ReadonlyMap<ReadFile, Said> {
  const said = new Map<ReadFile, Record<string, Tag | "none">>();
  const named = given.flatMap(({ column, tag }) =>
    namedColumns(files, column, ".", "tagged").map((one) => ({ ...one, tag })),
  );
  // What was said of one file counts before what was said of all.
  for (const { file, column, tag } of named.sort((a, b) => Number(a.ofOneFile) - Number(b.ofOneFile))) {
    const { idColumn, truthColumn, source } = files.find((one) => one === file)!;
    const part =
      column === idColumn ? "the id of its rows" : column === truthColumn ? "the truth" : undefined;
    if (part !== undefined && tag !== "none")
      throw new OneCopyError(
        "identity.not_evidence",
        `Column ${column} of ${source} is ${part}, which is no evidence.`,
        { remedy: `Name another column as ${part}, or leave its tag out.` },
      );
    said.set(file, { ...said.get(file), [column]: tag });
  }
  return said;
}

/** The other files whose rows have ids, which a column may hold. */
function othersOf(file: NamedRows, files: readonly NamedRows[]): OtherSource[] {
  return files.flatMap((other) =>
    other === file || other.idColumn === undefined
      ? []
      : [
          {
            name: other.source,
            relation: `(SELECT ${ident(other.idColumn)} FROM ${other.table})`,
            keyColumn: other.idColumn,
          },
        ],
  );
}

async function tagsOfFile(
  session: Session,
  file: NamedRows,
  said: Said,
  otherSources: readonly OtherSource[],
): Promise<TagSuggestion[]> {
  const { source, table, idColumn, truthColumn } = file;
  const columns = file.columns.filter((column) => column !== idColumn && column !== truthColumn);
  const suggested =
    columns.length === 0
      ? []
      : await suggestTags(session, `(SELECT ${columns.map(ident).join(", ")} FROM ${table})`, {
          sourceName: source,
          otherSources,
          confirmed: said,
          ownKey: idColumn,
        });
  const tags = columns.flatMap((column): TagSuggestion[] => {
    const tag = said[column];
    if (tag === "none") return [];
    if (tag !== undefined) return [{ column, tag, confidence: 1, reason: "given" }];
    return suggested.filter((suggestion) => suggestion.column === column);
  });
  if (tags.length === 0)
    throw new OneCopyError(
      "identity.no_evidence",
      `No column of ${source} looks like a name, an e-mail, a phone, an address or a date of birth; the columns are ${listed(file.columns)}.`,
      { remedy: "Say what columns mean with --tag COLUMN=TAG, for example --tag name=full_name." },
    );
  return tags;
}
