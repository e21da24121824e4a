import { ident } from "../../engine/index.ts";
import { type Field, type LogicalType, type Schema, isNested, physicalName } from "../../schema/index.ts";

/** What `COPY … (FIELD_IDS …)` takes: ids at every level, so that Iceberg's readers never go by name (FORMATS.md, rule 4). */
export function fieldIds(schema: Schema): string {
  return `{${schema.fields.map(ofField).join(", ")}}`;
}

function ofField(field: Field): string {
  return `${ident(physicalName(field))}: ${ofType(field.id, field.type)}`;
}

function ofType(id: number, type: LogicalType): string {
  if (!isNested(type)) return String(id);
  const own = `__duckdb_field_id: ${id}`;
  switch (type.kind) {
    case "list":
      return `{${own}, element: ${ofType(type.elementId, type.element)}}`;
    case "map":
      return `{${own}, key: ${ofType(type.keyId, type.key)}, value: ${ofType(type.valueId, type.value)}}`;
    case "struct":
      return `{${[own, ...type.fields.map(ofField)].join(", ")}}`;
  }
}
