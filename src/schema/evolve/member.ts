import { type LogicalType, type Schema, isNested } from "../type.ts";
import type { FieldPath } from "./change.ts";

/** A field, or what stands for one in a list or a map. */
export interface Member {
  readonly id: number;
  readonly type: LogicalType;
  readonly nullable: boolean;
}

/** What a path names; `undefined` when there is nothing. */
export function memberAt(schema: Schema, path: FieldPath): Member | undefined {
  let type: LogicalType = { kind: "struct", fields: schema.fields };
  let member: Member | undefined;
  for (const name of path) {
    member = memberNamed(type, name);
    if (member === undefined) return undefined;
    type = member.type;
  }
  return member;
}

function memberNamed(type: LogicalType, name: string): Member | undefined {
  if (!isNested(type)) return undefined;
  switch (type.kind) {
    case "list":
      return name === "element"
        ? { id: type.elementId, type: type.element, nullable: type.elementNullable }
        : undefined;
    case "map":
      if (name === "key") return { id: type.keyId, type: type.key, nullable: false };
      return name === "value"
        ? { id: type.valueId, type: type.value, nullable: type.valueNullable }
        : undefined;
    case "struct":
      return type.fields.find((field) => field.name.toLowerCase() === name.toLowerCase());
  }
}
