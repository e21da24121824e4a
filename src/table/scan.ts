import { type Session, ident, literal, textList } from "../engine/index.ts";
import { type Field, typeToEngine } from "../schema/index.ts";
import { engineAddress, keyIn } from "./path.ts";
import type { DataFile, Snapshot } from "./snapshot.ts";

/** Tag of files that OneCopy wrote: their columns carry field ids. */
export const tagFieldIds = "onecopy.field-ids";

/**
 * The relation of a snapshot's rows, to be put after FROM: exactly the schema's columns, in its order. Files of
 * OneCopy are read by field id, others by name, as Delta's protocol has it; a column that a file lacks is null.
 */
export async function scan(_session: Session, snapshot: Snapshot): Promise<string> {
  const partitions = new Set(snapshot.partitionColumns.map((name) => name.toLowerCase()));
  const [byId, byName] = split(
    [...snapshot.files],
    (file) => snapshot.hasFieldIds && file.tags[tagFieldIds] === "true",
  );
  const parts = [
    ...(byId.length === 0 ? [] : [readFiles(snapshot, byId, ({ id }) => String(id), new Set())]),
    ...(byName.length === 0 ? [] : [readFiles(snapshot, byName, ({ name }) => literal(name), partitions)]),
  ];
  return `(${parts.length === 0 ? noRows(snapshot) : parts.join(" UNION ALL ")})`;
}

function readFiles(
  { store, folder, schema }: Snapshot,
  files: readonly DataFile[],
  keyOf: (field: Field) => string,
  partitions: ReadonlySet<string>,
): string {
  const path = (file: DataFile): string => store.locate(keyIn(folder, file.path));
  const isPartition = (field: Field): boolean => partitions.has(field.name.toLowerCase());
  const stored = schema.fields.filter((field) => !isPartition(field));
  const wanted = stored.map(
    (field) =>
      `${keyOf(field)}: {name: ${literal(field.name)}, type: ${literal(typeToEngine(field.type))}, default_value: NULL}`,
  );
  const list = textList(files.map((file) => engineAddress(store, keyIn(folder, file.path))));
  const expected = wanted.length === 0 ? "" : `, schema = MAP {${wanted.join(", ")}}`;
  if (partitions.size === 0)
    return `SELECT ${schema.fields.map(({ name }) => ident(name)).join(", ")} FROM read_parquet(${list}, hive_partitioning = false${expected})`;
  // The log, not the folder's name, says what a partition column holds (Delta protocol, "Partition Value Serialization").
  const inLog = schema.fields.filter(isPartition);
  const values = files.map((file) => {
    const row = inLog.map((field) => partitionValue(field, file));
    return `(${[literal(path(file)), ...row].join(", ")})`;
  });
  const columns = schema.fields.map((field) =>
    isPartition(field) ? `p.p${inLog.indexOf(field)} AS ${ident(field.name)}` : `f.${ident(field.name)}`,
  );
  return `SELECT ${columns.join(", ")} FROM read_parquet(${list}, hive_partitioning = false, filename = '__onecopy_file'${expected}) AS f
    JOIN (VALUES ${values.join(", ")}) AS p("path", ${inLog.map((_, i) => `p${i}`).join(", ")}) ON p."path" = f."__onecopy_file"`;
}

/** Delta protocol: a text; null, or the empty text, is null. */
function partitionValue(field: Field, file: DataFile): string {
  const entry = Object.entries(file.partitionValues).find(
    ([name]) => name.toLowerCase() === field.name.toLowerCase(),
  );
  const text = entry?.[1];
  const type = typeToEngine(field.type);
  if (text === undefined || text === null || text === "") return `CAST(NULL AS ${type})`;
  if (field.type === "timestamp" && !/(Z|[+-]\d\d(:?\d\d)?)$/.test(text))
    return `CAST(${literal(`${text}+00`)} AS ${type})`;
  if (field.type === "binary") return `encode(${literal(text)})`;
  return `CAST(${literal(text)} AS ${type})`;
}

function noRows({ schema }: Snapshot): string {
  const columns = schema.fields.map(
    ({ name, type }) => `CAST(NULL AS ${typeToEngine(type)}) AS ${ident(name)}`,
  );
  return `SELECT ${columns.join(", ")} WHERE false`;
}

function split<T>(items: readonly T[], test: (item: T) => boolean): [T[], T[]] {
  return [items.filter(test), items.filter((item) => !test(item))];
}
