import { literal, textList } from "../../../engine/index.ts";
import type { DeleteFile } from "./deletes.ts";
import type { NameMapping } from "./name-mapping.ts";
import type { FileShape } from "./parquet-shape.ts";
import { Projection } from "./projection.ts";
import { type FileContext, type ReadContext, type ReadFile, nameOf, pattern } from "./context.ts";
import type { IcebergField } from "./type.ts";
import { manifestDamaged } from "./unsupported.ts";

/* Iceberg spec, "Position Delete Files". */

const reserved = (id: number, name: string, type: string): IcebergField => ({
  id,
  name,
  required: true,
  type: { kind: "primitive", name: type, precision: 0, scale: 0 },
  doc: undefined,
  initialDefault: undefined,
});
const filePath = reserved(2_147_483_546, "file_path", "string");
const position = reserved(2_147_483_545, "pos", "long");
const noChildren: NameMapping = { byName: new Map() };
/** For files of writers that leave the ids out. */
const byName: NameMapping = {
  byName: new Map(
    [filePath, position].map(({ id, name }) => [name, { fieldId: id, children: noChildren }] as const),
  ),
};

/**
 * The rows that position-delete files delete in these data files, as a relation of `a` (its place in `files`) and `r`
 * (the row). Each delete applies as its own file's scope says.
 */
export async function positionDeletes(context: ReadContext, files: readonly ReadFile[]): Promise<string> {
  const deletes = [
    ...new Map(
      files.flatMap(({ applied }) => applied.positions.map((one) => [one.path, one] as const)),
    ).values(),
  ];
  const { rows, addressOf } = await positionsIn(context, deletes);
  const scopes = deletes.map(
    (one) =>
      `(${literal(addressOf(one))}, ${one.sequenceNumber}, ${literal(one.partitionKey)}, ${literal(one.referencedDataFile ?? null)})`,
  );
  const targets = files.map(
    (file, i) =>
      `(${literal(file.location)}, CAST(${i} AS BIGINT), ${file.sequenceNumber}, ${literal(file.partitionKey)})`,
  );
  return `(SELECT t.a, d.r FROM (${rows}) AS d
    JOIN (VALUES ${scopes.join(", ")}) AS x(f, seq, part, ref) ON x.f = d.f AND (CAST(x.ref AS VARCHAR) IS NULL OR x.ref = d.path)
    JOIN (VALUES ${targets.join(", ")}) AS t(path, a, seq, part) ON t.path = d.path AND t.part = x.part AND t.seq <= x.seq)`;
}

/** What position-delete files say: a relation of `path`, `r` (the row) and `f` (the address of the file). */
export async function positionsIn<File extends Pick<DeleteFile, "path">>(
  context: FileContext,
  deletes: readonly File[],
): Promise<{ readonly rows: string; readonly addressOf: (file: File) => string }> {
  return await deleteRows(context, deletes, (projection, shape) => {
    const wanted = [filePath, position];
    if (wanted.some((field) => projection.find(field) === undefined))
      throw manifestDamaged(
        nameOf(context.snapshot),
        `a position-delete file has the columns ${shape.columns.map(({ name }) => name).join(", ")}, and not file_path and pos`,
      );
    return [`${projection.expression(filePath)} AS path`, `${projection.expression(position)} AS r`];
  });
}

/** The rows of delete files, with the address of the file as `f`; files of one shape are read together. */
export async function deleteRows<File extends Pick<DeleteFile, "path">>(
  context: FileContext,
  deletes: readonly File[],
  select: (projection: Projection, shape: FileShape) => readonly string[],
  mapping: NameMapping = byName,
): Promise<{ readonly rows: string; readonly addressOf: (file: File) => string }> {
  const opened = await context.open(deletes.map(({ path }) => path));
  const addressOf = new Map(deletes.map(({ path }, i) => [path, opened[i]!.address]));
  const groups = new Map<FileShape, string[]>();
  for (const { shape, address } of opened) groups.set(shape, [...(groups.get(shape) ?? []), address]);
  const parts = [...groups].map(([shape, found]) => {
    const projection = new Projection(nameOf(context.snapshot), shape, mapping);
    const columns = select(projection, shape);
    return `SELECT ${columns.join(", ")}, f.onecopy_file AS f FROM read_parquet(${textList(found.map(pattern))}, hive_partitioning = false, schema = ${projection.schemaSql()}, filename = 'onecopy_file') AS f`;
  });
  return { rows: parts.join(" UNION ALL "), addressOf: ({ path }) => addressOf.get(path)! };
}
