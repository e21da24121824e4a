import { type Session, ident, literal, textList } from "../../../engine/index.ts";
import { typeToEngine } from "../../../schema/index.ts";
import { deletedRows } from "../../scan/deleted.ts";
import type { DataFile, Snapshot } from "../../snapshot.ts";
import { type ReadContext, type ReadFile, contextOf, nameOf, pattern } from "./context.ts";
import { equalityDeletes } from "./equality-deletes.ts";
import type { FileShape } from "./parquet-shape.ts";
import { positionDeletes } from "./position-deletes.ts";
import { Projection } from "./projection.ts";
import type { IcebergContents } from "./contents.ts";
import { toLogical } from "./type.ts";
import { scalarSql } from "./value.ts";

/**
 * The relation of a foreign Iceberg snapshot's rows, to be put after FROM: exactly the schema's columns, in its order.
 * `files`: only these. `positions`: with `"__file"` (the path) and `"__row"` (its position in the file). Files that
 * are written alike and have the same kinds of deletes are read together.
 */
export async function icebergRelation(
  session: Session,
  snapshot: Snapshot,
  contents: IcebergContents,
  options: { readonly files?: Iterable<DataFile> | undefined; readonly positions?: boolean | undefined } = {},
): Promise<string> {
  const context = contextOf(session, snapshot, contents);
  const wanted = [...(options.files ?? snapshot.files)].map(({ path }) => contents.files.get(path)!);
  const opened = await context.open(wanted.map(({ path }) => path));
  const groups = new Map<FileShape, Map<string, ReadFile[]>>();
  for (const [i, file] of wanted.entries()) {
    const read = { ...file, ...opened[i]!, applied: contents.deletes.appliedTo(file) };
    const ofShape = groups.get(read.shape) ?? new Map<string, ReadFile[]>();
    groups.set(read.shape, ofShape);
    const treatment = treatmentOf(read);
    const alike = ofShape.get(treatment);
    if (alike === undefined) ofShape.set(treatment, [read]);
    else alike.push(read);
  }
  const parts: string[] = [];
  for (const [shape, ofShape] of groups)
    for (const files of ofShape.values())
      parts.push(await readGroup(context, shape, files, options.positions === true));
  return `(${parts.length === 0 ? noRows(snapshot, options.positions === true) : parts.join("\nUNION ALL ")})`;
}

/** `a`: the place in `files`; `r`: the row. */
async function deletedByVectors(
  { session, snapshot }: ReadContext,
  files: readonly ReadFile[],
): Promise<string> {
  const vectors = files.map(({ path }) => ({
    path,
    deletionVector: snapshot.files.get(path)?.deletionVector,
  }));
  const rows = await deletedRows(session, snapshot.store, snapshot.folder, vectors);
  return `(SELECT "file" AS a, "row" AS r FROM read_parquet(${literal(rows)}))`;
}

/** Equal texts: one query reads the files. */
function treatmentOf({ applied, identity }: ReadFile): string {
  const { vector, positions, equality } = applied;
  const sets = new Set(equality.map(({ fieldIds, isGlobal }) => `${isGlobal}:${fieldIds.join(",")}`));
  return JSON.stringify([[...identity.keys()], vector !== undefined, positions.length > 0, [...sets].sort()]);
}

async function readGroup(
  context: ReadContext,
  shape: FileShape,
  files: readonly ReadFile[],
  positions: boolean,
): Promise<string> {
  const { contents, snapshot } = context;
  const where = nameOf(snapshot);
  const projection = new Projection(where, shape, contents.nameMapping);
  const perFile = new PerFile(files);

  // What the deletes ask for comes first: the projection has to know of every column that is read.
  const keys: string[] = [];
  const equality = await equalityDeletes(context, files, (path) => {
    const root = path[0]!;
    const stated =
      path.length === 1 && projection.findById(root) === undefined && files[0]!.identity.has(root.id);
    const sql = stated ? perFile.identity(root.id) : projection.leafOrDefault(path);
    keys.push(sql);
    return `k${keys.length - 1}`;
  });
  const { vector, positions: positionFiles } = files[0]!.applied;
  const byPosition = [
    ...(vector === undefined ? [] : [await deletedByVectors(context, files)]),
    ...(positionFiles.length === 0 ? [] : [await positionDeletes(context, files)]),
  ];

  const columns = contents.fields.map((field) => {
    // Spec, "Column Projection": the partition's value comes first where the file has no column of that id.
    const stated = projection.findById(field) === undefined && files[0]!.identity.has(field.id);
    return stated ? perFile.identity(field.id) : projection.expression(field);
  });
  const names = contents.fields.map(({ name }) => ident(name));
  const extra = positions ? [`${perFile.path()} AS "__file"`, `f.file_row_number AS "__row"`] : [];

  if (equality.length === 0 && byPosition.length === 0)
    return `SELECT ${[...columns.map((sql, i) => `${sql} AS ${names[i]}`), ...extra].join(", ")} ${perFile.from(projection)}`;

  const inner = [
    ...columns.map((sql, i) => `${sql} AS o${i}`),
    ...keys.map((sql, i) => `${sql} AS k${i}`),
    ...(byPosition.length === 0 ? [] : ["CAST(f.file_index AS BIGINT) AS a", "f.file_row_number AS r"]),
    ...(equality.length === 0 ? [] : [`${perFile.sequence()} AS s`, `${perFile.partition()} AS p`]),
    ...extra,
  ];
  const outer = [...names.map((name, i) => `b.o${i} AS ${name}`), ...(positions ? ["__file", "__row"] : [])];
  const deleted = [
    ...byPosition.map((rows, i) => `ANTI JOIN ${rows} AS d${i} ON b.a = d${i}.a AND b.r = d${i}.r`),
    ...equality.map(({ rows, on }, i) => `ANTI JOIN ${rows} AS e${i} ON ${on("b", `e${i}`)}`),
  ];
  return `SELECT ${outer.join(", ")} FROM (SELECT ${inner.join(", ")} ${perFile.from(projection)}) AS b\n${deleted.join("\n")}`;
}

/** What a query takes from the metadata for each of its files, as columns of `f`, which has the files in this order. */
class PerFile {
  constructor(private readonly files: readonly ReadFile[]) {}

  identity(fieldId: number): string {
    return this.column(({ identity }) => {
      const { field, value } = identity.get(fieldId)!;
      if (field.type.kind !== "primitive") return "NULL";
      const type = typeToEngine(toLogical("", field.type));
      return value === null ? `CAST(NULL AS ${type})` : scalarSql(field.type, value);
    });
  }

  path(): string {
    return this.column(({ path }) => literal(path));
  }

  sequence(): string {
    return `CAST(${this.column(({ sequenceNumber }) => String(sequenceNumber))} AS BIGINT)`;
  }

  partition(): string {
    return this.column(({ partitionKey }) => literal(partitionKey));
  }

  from(projection: Projection): string {
    const list = textList(this.files.map(({ address }) => pattern(address)));
    return `FROM read_parquet(${list}, hive_partitioning = false, schema = ${projection.schemaSql()}) AS f`;
  }

  /** Without a join, which would cost something for every row. */
  private column(value: (file: ReadFile) => string): string {
    const values = this.files.map(value);
    return values.every((one) => one === values[0])
      ? values[0]!
      : `list_extract([${values.join(", ")}], CAST(f.file_index AS BIGINT) + 1)`;
  }
}

function noRows({ schema }: Snapshot, positions: boolean): string {
  const columns = schema.fields.map(
    ({ name, type }) => `CAST(NULL AS ${typeToEngine(type)}) AS ${ident(name)}`,
  );
  const extra = positions ? [`'' AS "__file"`, `0::BIGINT AS "__row"`] : [];
  return `SELECT ${[...columns, ...extra].join(", ")} WHERE false`;
}
