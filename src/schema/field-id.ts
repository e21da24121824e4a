import { type Field, type LogicalType, isNested } from "./type.ts";

/** All ids of the fields and of what is in them: elements, keys and values too. 0 is an id that is yet to be given. */
export function fieldIdsOf(fields: readonly Field[]): number[] {
  return fields.flatMap((field) => [field.id, ...idsIn(field.type)]);
}

function idsIn(type: LogicalType): number[] {
  if (!isNested(type)) return [];
  if (type.kind === "struct") return fieldIdsOf(type.fields);
  return type.kind === "list"
    ? [type.elementId, ...idsIn(type.element)]
    : [type.keyId, ...idsIn(type.key), type.valueId, ...idsIn(type.value)];
}

/** The fields with every id that is 0 replaced by a fresh one, from the top down. */
export function withFreshIds(fields: readonly Field[], next: () => number): Field[] {
  return mapIds(fields, (id) => (id === 0 ? next() : id));
}

/** The fields with other ids; `change` is called for a field before it is for what is in it. */
export function mapIds(fields: readonly Field[], change: (id: number) => number): Field[] {
  const numbered = fields.map((field) => ({ ...field, id: change(field.id) }));
  return numbered.map((field) => ({ ...field, type: mapIdsIn(field.type, change) }));
}

function mapIdsIn(type: LogicalType, change: (id: number) => number): LogicalType {
  if (!isNested(type)) return type;
  switch (type.kind) {
    case "struct":
      return { ...type, fields: mapIds(type.fields, change) };
    case "list": {
      const elementId = change(type.elementId);
      return { ...type, elementId, element: mapIdsIn(type.element, change) };
    }
    case "map": {
      const [keyId, valueId] = [change(type.keyId), change(type.valueId)];
      return {
        ...type,
        keyId,
        key: mapIdsIn(type.key, change),
        valueId,
        value: mapIdsIn(type.value, change),
      };
    }
  }
}
