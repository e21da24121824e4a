import { OneCopyError } from "../../base/index.ts";
import { typeToEngine } from "../engine.ts";
import { checkName, checkNamesIn, checkUnique } from "../field-name.ts";
import type { Field, LogicalType, Schema, StructType } from "../type.ts";
import { type FieldPath, type Position, type SchemaChange, pathText } from "./change.ts";
import { type Container, editContainer, keyStays, memberField, unknown } from "./container.ts";
import { FreshIds } from "./fresh-ids.ts";
import type { Member } from "./member.ts";
import { widening } from "./widening.ts";

/**
 * The schema after the changes, one after the other. Ids stay with their fields and are never given again; fields that
 * no change names stay as they are. Fails with `schema.field_unknown`, `schema.bad_name`, `schema.widen_impossible` or
 * `schema.change_impossible`.
 */
export function applySchemaChanges(schema: Schema, changes: readonly SchemaChange[]): Schema {
  const ids = new FreshIds(schema.lastFieldId);
  let root: StructType = { kind: "struct", fields: schema.fields };
  for (const change of changes) {
    root = editContainer(root, change.path, (container) => applyChange(container, change, ids));
    checkUnique(root);
  }
  return { fields: root.fields, lastFieldId: ids.last };
}

function applyChange(container: Container, change: SchemaChange, ids: FreshIds): Container {
  const { path } = change;
  switch (change.kind) {
    case "add": {
      const { type, comment, position } = change;
      checkName(path.at(-1)!);
      checkNamesIn(type);
      const field: Field = {
        id: ids.next(),
        name: path.at(-1)!,
        type: ids.type(type),
        nullable: true,
        ...(comment === undefined ? {} : { comment }),
      };
      return place(structOf(container, path, "add a field to"), field, path, position);
    }
    case "rename": {
      checkName(change.to);
      const { fields } = structOf(container, path, "rename");
      const field = memberField(container, path);
      return { kind: "struct", fields: replaced(fields, field, { ...field, name: change.to }) };
    }
    case "drop": {
      const { fields } = structOf(container, path, "drop");
      const field = memberField(container, path);
      if (fields.length === 1)
        throw new OneCopyError(
          "schema.change_impossible",
          `${pathText(path)} is the only field; without it nothing would be left.`,
          {
            remedy:
              path.length === 1
                ? "Add another column first, or drop the table."
                : `Drop ${pathText(path.slice(0, -1))} as a whole.`,
          },
        );
      return { kind: "struct", fields: fields.filter((one) => one !== field) };
    }
    case "move": {
      const { fields } = structOf(container, path, "move");
      const field = memberField(container, path);
      const others = { kind: "struct", fields: fields.filter((one) => one !== field) } as const;
      return place(others, field, path, change.position);
    }
    case "widen":
      return onMember(container, path, (member) => {
        const how = sameType(member.type, change.type) ? "promotion" : widening(member.type, change.type);
        if (how === undefined) throw notWider(path, member.type, change.type);
        return { ...member, type: change.type, ...(how === "conversion" ? { id: ids.next() } : {}) };
      });
    case "set-nullable":
      return onMember(container, path, (member) => ({ ...member, nullable: change.nullable }));
    case "comment": {
      const { fields } = structOf(container, path, "comment on");
      const field = memberField(container, path);
      const { comment: _, ...bare } = field;
      const commented = change.comment === undefined ? bare : { ...bare, comment: change.comment };
      return { kind: "struct", fields: replaced(fields, field, commented) };
    }
  }
}

/** Changes a field, or what stands for one in a list or a map. */
function onMember(container: Container, path: FieldPath, edit: (member: Member) => Member): Container {
  const name = path.at(-1)!;
  if (container.kind === "list" && name === "element") {
    const { elementId, element, elementNullable } = container;
    const after = edit({ id: elementId, type: element, nullable: elementNullable });
    return { kind: "list", elementId: after.id, element: after.type, elementNullable: after.nullable };
  }
  if (container.kind === "map" && name === "value") {
    const { valueId, value, valueNullable } = container;
    const after = edit({ id: valueId, type: value, nullable: valueNullable });
    return { ...container, valueId: after.id, value: after.type, valueNullable: after.nullable };
  }
  if (container.kind === "map" && name === "key") throw keyStays(path);
  if (container.kind !== "struct") return unknown(container, path);
  const field = memberField(container, path);
  const { id, type, nullable } = field;
  return {
    kind: "struct",
    fields: replaced(container.fields, field, { ...field, ...edit({ id, type, nullable }) }),
  };
}

function structOf(container: Container, path: FieldPath, doing: string): StructType {
  if (container.kind === "struct") return container;
  throw new OneCopyError(
    "schema.change_impossible",
    `Cannot ${doing} ${pathText(path)}: ${pathText(path.slice(0, -1))} is a ${container.kind}, whose parts are fixed.`,
    { remedy: "Only the fields of structs, and the table's columns, can be added, named and ordered." },
  );
}

function place({ fields }: StructType, field: Field, path: FieldPath, position?: Position): StructType {
  if (position === undefined) return { kind: "struct", fields: [...fields, field] };
  if (position === "first") return { kind: "struct", fields: [field, ...fields] };
  const after = memberField({ kind: "struct", fields }, [...path.slice(0, -1), position.after]);
  const index = fields.indexOf(after) + 1;
  return { kind: "struct", fields: [...fields.slice(0, index), field, ...fields.slice(index)] };
}

function replaced(fields: readonly Field[], before: Field, after: Field): readonly Field[] {
  return fields.map((one) => (one === before ? after : one));
}

function sameType(a: LogicalType, b: LogicalType): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function notWider(path: FieldPath, from: LogicalType, to: LogicalType): OneCopyError {
  return new OneCopyError(
    "schema.widen_impossible",
    `${pathText(path)} is ${typeToEngine(from)}, and a ${typeToEngine(to)} does not hold all of its values.`,
    {
      remedy:
        "Integers become longer integers, decimals with digits enough or (up to 32 bits) doubles; floats doubles; decimals longer ones. For anything else add a column, fill it with a cast, and drop this one.",
    },
  );
}
