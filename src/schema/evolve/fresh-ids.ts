import { type Field, type LogicalType, isNested } from "../type.ts";

/** Gives ids that were never given in this table: `last` is the highest one so far. */
export class FreshIds {
  constructor(private highest: number) {}

  get last(): number {
    return this.highest;
  }

  next(): number {
    return ++this.highest;
  }

  /** The type with a fresh id for every field, element, key and value in it. */
  type(type: LogicalType): LogicalType {
    if (!isNested(type)) return type;
    switch (type.kind) {
      case "list":
        return { ...type, elementId: this.next(), element: this.type(type.element) };
      case "map":
        return {
          ...type,
          keyId: this.next(),
          key: this.type(type.key),
          valueId: this.next(),
          value: this.type(type.value),
        };
      case "struct":
        return {
          ...type,
          fields: type.fields.map((field): Field => ({
            ...field,
            id: this.next(),
            type: this.type(field.type),
          })),
        };
    }
  }
}
