import { type Field, type LogicalType, type Schema, isNested, physicalName } from "./type.ts";

/** Iceberg spec v2, "Appendix C", "Name Mapping Serialization". */
interface MappedField {
  readonly "field-id": number;
  readonly names: readonly string[];
  readonly fields?: readonly MappedField[];
}

/** By which names files without field ids (foreign Delta writers') hold the fields (Iceberg spec, "Column Projection"). */
export function nameMapping(schema: Schema): MappedField[] {
  return mappedFields(schema.fields);
}

function mappedFields(fields: readonly Field[]): MappedField[] {
  return fields.map((field) => mapped(field.id, physicalName(field), field.type));
}

function mapped(id: number, name: string, type: LogicalType): MappedField {
  const inside = membersOf(type);
  return { "field-id": id, names: [name], ...(inside.length === 0 ? {} : { fields: inside }) };
}

function membersOf(type: LogicalType): MappedField[] {
  if (!isNested(type)) return [];
  switch (type.kind) {
    case "struct":
      return mappedFields(type.fields);
    case "list":
      return [mapped(type.elementId, "element", type.element)];
    case "map":
      return [mapped(type.keyId, "key", type.key), mapped(type.valueId, "value", type.value)];
  }
}
