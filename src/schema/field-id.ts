import { type Field, type LogicalType, type Schema, isNested } from "./type.ts";
import { isPromotion } from "./type-rule.ts";

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

/**
 * The schema with the ids that `known` has given: to fields of the same name whose type is the same or a promotion of
 * it, and to what is in them; a struct stays the same whatever comes and goes in it. Other fields keep their ids as far as those are above all that `known` ever gave, and get
 * fresh ones else: an id that stood for something else is never given again.
 */
export function withKnownIds(schema: Schema, known: Schema): Schema {
  let last = Math.max(known.lastFieldId, schema.lastFieldId);
  const given = new Set<number>();
  const own = (id: number): number => {
    const kept = id > known.lastFieldId && !given.has(id) ? id : ++last;
    given.add(kept);
    return kept;
  };
  const fields = matchFields(schema.fields, known.fields, own);
  return { fields, lastFieldId: Math.max(last, ...fieldIdsOf(fields)) };
}

function matchFields(
  fields: readonly Field[],
  known: readonly Field[],
  own: (id: number) => number,
): Field[] {
  const byName = new Map(known.map((field) => [field.name.toLowerCase(), field]));
  return fields.map((field) => {
    const match = byName.get(field.name.toLowerCase());
    if (match === undefined || !continues(match.type, field.type)) return mapIds([field], own)[0]!;
    return { ...field, id: match.id, type: matchType(field.type, match.type, own) };
  });
}

function continues(known: LogicalType, type: LogicalType): boolean {
  if (!isNested(known) || !isNested(type)) return isPromotion(known, type);
  if (known.kind === "list") return type.kind === "list" && continues(known.element, type.element);
  if (known.kind === "map")
    return type.kind === "map" && continues(known.key, type.key) && continues(known.value, type.value);
  return type.kind === "struct";
}

/** `known` is of the same kind, or promotes to `type`. */
function matchType(type: LogicalType, known: LogicalType, own: (id: number) => number): LogicalType {
  if (!isNested(type) || !isNested(known)) return type;
  if (type.kind === "struct" && known.kind === "struct")
    return { ...type, fields: matchFields(type.fields, known.fields, own) };
  if (type.kind === "list" && known.kind === "list")
    return { ...type, elementId: known.elementId, element: matchType(type.element, known.element, own) };
  if (type.kind === "map" && known.kind === "map")
    return {
      ...type,
      keyId: known.keyId,
      key: matchType(type.key, known.key, own),
      valueId: known.valueId,
      value: matchType(type.value, known.value, own),
    };
  return type;
}
