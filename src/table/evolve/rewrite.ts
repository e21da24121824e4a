import { OneCopyError, canonicalJson } from "../../base/index.ts";
import { type Session, addresses, textList } from "../../engine/index.ts";
import { type FieldPath, pathText } from "../../schema/index.ts";
import type { TableAccess } from "../access.ts";
import type { AddedFile, TableMeta } from "../commit/change.ts";
import { fileSet } from "../file-set.ts";
import { copyToParquet } from "../parquet/copy.ts";
import { escapedPattern, keyIn } from "../path.ts";
import { propertyRewriteLimit, rewriteLimitBytes } from "../property.ts";
import { scan, tagFieldIds } from "../scan/index.ts";
import type { DataFile, Snapshot } from "../snapshot.ts";
import { layoutOf } from "../write/layout.ts";
import { convertedRows } from "./converted.ts";
import type { Evolution } from "./evolution.ts";

const footersAtOnce = 500;

/**
 * The files that cannot stay under the schema that comes: all, or those that still hold dropped fields whose names
 * come back. Fails with `table.rewrite_too_large`.
 */
export async function filesToRewrite(
  session: Session,
  { store, folder, properties, files }: Snapshot,
  { rewrites, returning }: Pick<Evolution, "rewrites" | "returning">,
): Promise<DataFile[]> {
  const rewritten =
    rewrites.length > 0
      ? [...files]
      : returning.length > 0
        ? await holding(session, store, folder, [...files], returning)
        : [];
  const why = [...rewrites, ...returning.map((path) => `${pathText(path)} was dropped and comes back`)];
  const way = rewrites.length > 0 ? "add a new column beside the old one" : "give the column another name";
  refuseTooLarge(folder, properties, rewritten, why.join(", "), `, or ${way}`);
  return rewritten;
}

/** Fails with `table.rewrite_too_large`. */
export function refuseTooLarge(
  folder: string,
  properties: Readonly<Record<string, string>>,
  files: readonly DataFile[],
  why: string,
  otherWay = "",
): void {
  const bytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const limit = rewriteLimitBytes(properties);
  if (bytes <= limit) return;
  throw new OneCopyError(
    "table.rewrite_too_large",
    `In ${folder} ${why}: ${files.length} files with ${bytes} bytes would have to be written again, and the limit is ${limit} bytes.`,
    { remedy: `Raise the table property ${propertyRewriteLimit}${otherWay}.` },
  );
}

/**
 * Writes the rows of files in the form of another schema, apart for each set of tags: these say what a file was made
 * from. `where`: only the rows of which it is true, over the columns of `before`. The files that leave are the caller's
 * business.
 */
export async function rewritten(
  session: Session,
  { store, folder }: Pick<TableAccess, "store" | "folder">,
  snapshot: Snapshot,
  files: readonly DataFile[],
  before: TableMeta,
  after: TableMeta,
  origin: ReadonlyMap<number, number>,
  where?: string,
): Promise<AddedFile[]> {
  const groups = new Map<string, DataFile[]>();
  for (const file of files) {
    const key = canonicalJson({ ...file.tags, [tagFieldIds]: "true" });
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [file]);
    else group.push(file);
  }
  const added: AddedFile[] = [];
  try {
    for (const group of groups.values()) {
      const relation = await scan(session, { ...snapshot, files: fileSet(group) });
      const rows = convertedRows(relation, before.schema, after.schema, origin);
      const query = where === undefined ? rows : `${rows} WHERE ${where}`;
      const tags = { ...group[0]!.tags, [tagFieldIds]: "true" };
      for (const file of await copyToParquet(session, store, folder, layoutOf(after), query))
        added.push({ ...file, tags });
    }
    return added;
  } catch (error) {
    for (const { path } of added) await store.delete(keyIn(folder, path)).catch(() => undefined);
    throw error;
  }
}

/** The files whose columns still have the name of one of the paths' columns. */
async function holding(
  session: Session,
  store: Snapshot["store"],
  folder: string,
  files: readonly DataFile[],
  paths: readonly FieldPath[],
): Promise<DataFile[]> {
  const names = textList([...new Set(paths.map((path) => path[0]!.toLowerCase()))]);
  const found: DataFile[] = [];
  for (let i = 0; i < files.length; i += footersAtOnce) {
    const batch = files.slice(i, i + footersAtOnce);
    const addressed = await addresses(
      session,
      store,
      batch.map(({ path }) => keyIn(folder, path)),
    );
    const patterns = addressed.map(escapedPattern);
    const rows = await session.rows<{ file: string }>(
      `SELECT DISTINCT file_name AS file FROM parquet_schema(${textList(patterns)}) WHERE list_contains(${names}, lower(name))`,
    );
    const holders = new Set(rows.map(({ file }) => file));
    found.push(...batch.filter((_, j) => holders.has(addressed[j]!)));
  }
  return found;
}
