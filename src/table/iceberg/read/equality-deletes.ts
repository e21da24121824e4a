import { literal } from "../../../engine/index.ts";
import type { EqualityDeleteFile } from "./deletes.ts";
import { noMapping } from "./name-mapping.ts";
import { deleteRows } from "./position-deletes.ts";
import { type ReadContext, type ReadFile, nameOf } from "./context.ts";
import type { IcebergField } from "./type.ts";
import { manifestDamaged } from "./unsupported.ts";

/* Iceberg spec, "Equality Delete Files": a row is deleted when its values in these columns are those of a delete; null is equal to null. */

export interface EqualityDeletes {
  readonly rows: string;
  /** The condition between the data rows `b` and the deletes `e`. */
  readonly on: (b: string, e: string) => string;
}

/**
 * The equality deletes that apply to files of one group, by the set of their columns. `key` gives the name of the
 * column of the data rows (which have their sequence number as `s` and their partition as `p`) for a field's path.
 */
export async function equalityDeletes(
  context: ReadContext,
  files: readonly ReadFile[],
  key: (path: readonly IcebergField[]) => string,
): Promise<EqualityDeletes[]> {
  const sets = new Map<string, Map<string, EqualityDeleteFile>>();
  for (const { applied } of files)
    for (const one of applied.equality) {
      const name = `${one.isGlobal}:${one.fieldIds.join(",")}`;
      const ofSet = sets.get(name) ?? new Map<string, EqualityDeleteFile>();
      sets.set(name, ofSet.set(one.path, one));
    }
  const found: EqualityDeletes[] = [];
  for (const ofSet of sets.values()) found.push(await ofColumns(context, [...ofSet.values()], key));
  return found;
}

async function ofColumns(
  context: ReadContext,
  deletes: readonly EqualityDeleteFile[],
  key: (path: readonly IcebergField[]) => string,
): Promise<EqualityDeletes> {
  const { contents, snapshot } = context;
  const { fieldIds, isGlobal } = deletes[0]!;
  const paths = fieldIds.map((id) => {
    const path = contents.paths.get(id);
    if (path === undefined)
      throw manifestDamaged(
        nameOf(snapshot),
        `an equality delete names the column ${id}, which no schema has`,
      );
    return path;
  });
  const names = paths.map((_, i) => `k${i}`);
  const { rows, addressOf } = await deleteRows(
    context,
    deletes,
    (projection) =>
      paths.map((path, i) => {
        const sql = projection.leaf(path);
        if (sql === undefined)
          throw manifestDamaged(
            nameOf(snapshot),
            `an equality-delete file lacks the column ${path.map(({ name }) => name).join(".")}, by which it deletes`,
          );
        return `${sql} AS ${names[i]}`;
      }),
    contents.nameMapping ?? noMapping,
  );
  const scopes = deletes.map(
    (one) => `(${literal(addressOf(one))}, ${one.sequenceNumber}, ${literal(one.partitionKey)})`,
  );
  const partition = isGlobal ? "" : ", x.part AS part";
  const data = paths.map(key);
  return {
    rows: `(SELECT ${names.map((name) => `d.${name}`).join(", ")}${partition}, max(x.seq) AS seq FROM (${rows}) AS d
      JOIN (VALUES ${scopes.join(", ")}) AS x(f, seq, part) ON x.f = d.f GROUP BY ALL)`,
    on: (b, e) =>
      [
        ...names.map((name, i) => `${b}.${data[i]} IS NOT DISTINCT FROM ${e}.${name}`),
        ...(isGlobal ? [] : [`${b}.p = ${e}.part`]),
        `${b}.s < ${e}.seq`,
      ].join(" AND "),
  };
}
