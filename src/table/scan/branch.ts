import type { Session } from "../../engine/index.ts";
import { type LogicalType, type Schema, isNested } from "../../schema/index.ts";
import type { DataFile, Snapshot } from "../snapshot.ts";
import { type ShapeOf, byShape } from "./shape.ts";

/** Tag of files that OneCopy wrote: their columns carry field ids. */
export const tagFieldIds = "onecopy.field-ids";

/** Files that are read in the same way. */
export interface Branch {
  readonly files: readonly DataFile[];
  /** Columns are found by field id, else by name. */
  readonly byId: boolean;
  /** Other writers may leave the partition columns out of the file. */
  readonly partitionsInFile: boolean;
  /** Some of the rows are deleted. */
  readonly withDeleted: boolean;
  /** Known only where the names inside of columns do not tell enough. */
  readonly shape?: ShapeOf;
}

/** As few as possible: each is a query of its own. */
export async function branchesOf(
  session: Session,
  snapshot: Snapshot,
  files: readonly DataFile[],
): Promise<Branch[]> {
  const allById = snapshot.properties["delta.columnMapping.mode"] === "id";
  const branches = new Map<string, Branch & { files: DataFile[] }>();
  for (const file of files) {
    const ours = file.tags[tagFieldIds] === "true";
    // The mapping states the ids of all columns and fields, whatever it says of list elements.
    const byId = allById || (snapshot.hasFieldIds && ours);
    const withDeleted = file.deletionVector !== undefined && file.deletionVector.cardinality > 0;
    const key = `${byId} ${ours} ${withDeleted}`;
    const branch = branches.get(key);
    if (branch === undefined)
      branches.set(key, { files: [file], byId, partitionsInFile: ours && byId, withDeleted });
    else branch.files.push(file);
  }
  if (!needsShapes(snapshot.schema, allById)) return [...branches.values()];
  const shaped: Branch[] = [];
  for (const branch of branches.values())
    for (const part of await byShape(session, snapshot.store, snapshot.folder, branch.files))
      shaped.push({ ...branch, ...part });
  return shaped;
}

/**
 * The names inside of a struct do not do where files are read by id alone, and where fields were dropped: a file may
 * then have none of those that the struct has now, and the engine refuses to read it.
 */
function needsShapes(schema: Schema, allById: boolean): boolean {
  const ids = schema.fields.flatMap(({ id, type }) => [id, ...idsIn(type)]);
  const hasStructs = schema.fields.some(({ type }) => holdsStruct(type));
  return hasStructs && (allById || ids.length < schema.lastFieldId);
}

function idsIn(type: LogicalType): number[] {
  if (!isNested(type)) return [];
  switch (type.kind) {
    case "struct":
      return type.fields.flatMap((field) => [field.id, ...idsIn(field.type)]);
    case "list":
      return [type.elementId, ...idsIn(type.element)];
    case "map":
      return [type.keyId, ...idsIn(type.key), type.valueId, ...idsIn(type.value)];
  }
}

function holdsStruct(type: LogicalType): boolean {
  if (!isNested(type)) return false;
  switch (type.kind) {
    case "struct":
      return true;
    case "list":
      return holdsStruct(type.element);
    case "map":
      return holdsStruct(type.key) || holdsStruct(type.value);
  }
}
