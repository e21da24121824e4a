import { OneCopyError } from "../../base/index.ts";
import {
  type Field,
  type FieldDescription,
  type LogicalType,
  type Schema,
  fieldIdsOf,
  isNested,
  mapIds,
  physicalName,
  typeFromDelta,
  typeToDelta,
  withFreshIds,
} from "../../schema/index.ts";
import { propertyMappingMode } from "./protocol.ts";

/** Field metadata of ours that carries the id. Not `delta.columnMapping.id`: that one means a mapped table. */
const metadataId = "onecopy.id";
/** The ids of the elements, keys and values in the field, as `delta.columnMapping.nested.ids` has them. */
const metadataNestedIds = "onecopy.nested-ids";
/** Table property: the highest id ever given, so that a dropped column's is not given again. */
export const propertyLastFieldId = "onecopy.last-field-id";

/* Delta protocol, "Column Mapping"; the nested ids are of IcebergCompatV2. */
const mappedId = "delta.columnMapping.id";
const mappedName = "delta.columnMapping.physicalName";
const mappedNestedIds = "delta.columnMapping.nested.ids";

export interface DeltaSchema extends Schema {
  /** False when some field got its id here: a foreign writer added it, and no file of ours has it. */
  readonly idsAreWritten: boolean;
}

/** Whether a table with these properties has names of its own in data files. */
export function isMapped(properties: Readonly<Record<string, string>>): boolean {
  return (properties[propertyMappingMode] ?? "none") !== "none";
}

/** Delta protocol, "Schema Serialization Format". `properties` say whether columns are mapped. */
export function schemaToDelta(schema: Schema, properties: Readonly<Record<string, string>> = {}): string {
  const mapped = isMapped(properties);
  const metadataOf = (field: Field): object => {
    const ids = nestedIds(field.type, physicalName(field));
    const hasIds = Object.keys(ids).length > 0;
    return {
      [metadataId]: field.id,
      ...(hasIds ? { [metadataNestedIds]: ids } : {}),
      ...(mapped ? { [mappedId]: field.id, [mappedName]: physicalName(field) } : {}),
      ...(mapped && hasIds ? { [mappedNestedIds]: ids } : {}),
      ...(field.comment === undefined ? {} : { comment: field.comment }),
    };
  };
  return JSON.stringify(typeToDelta({ kind: "struct", fields: schema.fields }, metadataOf));
}

/** The fields of structs in it have metadata of their own. */
function nestedIds(type: LogicalType, path: string): Record<string, number> {
  if (!isNested(type) || type.kind === "struct") return {};
  if (type.kind === "list")
    return { [`${path}.element`]: type.elementId, ...nestedIds(type.element, `${path}.element`) };
  return {
    [`${path}.key`]: type.keyId,
    [`${path}.value`]: type.valueId,
    ...nestedIds(type.key, `${path}.key`),
    ...nestedIds(type.value, `${path}.value`),
  };
}

/**
 * Fields without an id get the next free ones. In a mapped table the ids and names of the mapping count. Fails with
 * `schema.type_unsupported` or `table.log_damaged`.
 */
export function schemaFromDelta(
  table: string,
  schemaString: string,
  properties: Readonly<Record<string, string>>,
): DeltaSchema {
  const parsed = parseJson(schemaString);
  const columns = parsed?.["fields"];
  if (parsed?.["type"] !== "struct" || !Array.isArray(columns) || !columns.every(isColumn))
    throw new OneCopyError(
      "table.log_damaged",
      `The schema of ${table} cannot be read: it is not a struct of named columns.`,
    );
  const read = inTable(table, () =>
    typeFromDelta(parsed, isMapped(properties) ? describeMapped : describeOwn),
  );
  const stated = (read as { readonly fields: readonly Field[] }).fields;
  const ids = fieldIdsOf(stated).filter((id) => id !== 0);
  const unique = new Set(ids).size === ids.length;
  const fields = unique ? stated : mapIds(stated, () => 0);
  let last = Math.max(
    0,
    Number(properties[propertyLastFieldId] ?? 0) || 0,
    Number(properties["delta.columnMapping.maxColumnId"] ?? 0) || 0,
    ...ids,
  );
  return {
    fields: withFreshIds(fields, () => ++last),
    lastFieldId: last,
    idsAreWritten: unique && ids.length === fieldIdsOf(stated).length,
  };
}

function describeOwn(metadata: Readonly<Record<string, unknown>>): FieldDescription {
  return {
    id: asId(metadata[metadataId]),
    nestedIds: asObject(metadata[metadataNestedIds]),
    ...commentOf(metadata),
  };
}

function describeMapped(metadata: Readonly<Record<string, unknown>>): FieldDescription {
  const name = metadata[mappedName];
  return {
    id: asId(metadata[mappedId]),
    nestedIds: asObject(metadata[mappedNestedIds]),
    ...(typeof name === "string" ? { physicalName: name } : {}),
    ...commentOf(metadata),
  };
}

function commentOf({ comment }: Readonly<Record<string, unknown>>): { comment?: string } {
  return typeof comment === "string" ? { comment } : {};
}

function isColumn(value: unknown): boolean {
  return typeof asObject(value)["name"] === "string";
}

function inTable<T>(table: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof OneCopyError)) throw error;
    const options = error.remedy === undefined ? {} : { remedy: error.remedy };
    throw new OneCopyError(error.code, `${table}: ${error.message}`, options);
  }
}

function asId(value: unknown): number {
  return Number.isSafeInteger(value) && (value as number) > 0 ? (value as number) : 0;
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return value !== null && typeof value === "object" ? (value as Record<string, unknown>) : {};
}

function parseJson(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return undefined;
  }
}
