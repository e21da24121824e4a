import { OneCopyError } from "../base/index.ts";
import { type LogicalType, type Schema, isNested } from "./type.ts";

/** Fails with `schema.bad_name` for a name that one of the formats or a reader cannot hold. */
export function checkName(name: string): void {
  if (name === "") refuse(name, "is empty");
  if (/[\u0000-\u001f\u007f]/.test(name)) refuse(name, "has a control character");
  if (/\p{Surrogate}/u.test(name)) refuse(name, "is not valid Unicode");
  if (Buffer.byteLength(name) > 255) refuse(name, "is longer than 255 bytes");
}

/** The same for all names in a type. */
export function checkNamesIn(type: LogicalType): void {
  if (!isNested(type)) return;
  if (type.kind === "struct") for (const { name } of type.fields) checkName(name);
  for (const [, member] of members(type)) checkNamesIn(member);
}

/**
 * Fails with `schema.bad_name` when two fields of one struct have the same name, or two ways to a field read the same
 * (a column `a.b` beside a struct `a` with `b`): Iceberg knows fields by their full name.
 */
export function checkUnique({ fields }: Pick<Schema, "fields">): void {
  const full = new Set<string>();
  const visit = (prefix: string, type: LogicalType): void => {
    const siblings = new Set<string>();
    for (const [name, member] of members(type)) {
      const path = `${prefix}${name.toLowerCase()}`;
      if (siblings.has(path)) refuse(name, "is taken; names that differ in case only are the same");
      if (full.has(path)) refuse(path, "can be read as two fields, since one has a dot in its name");
      siblings.add(path);
      full.add(path);
      visit(`${path}.`, member);
    }
  };
  visit("", { kind: "struct", fields });
}

function members(type: LogicalType): readonly (readonly [string, LogicalType])[] {
  if (!isNested(type)) return [];
  switch (type.kind) {
    case "list":
      return [["element", type.element]];
    case "map":
      return [
        ["key", type.key],
        ["value", type.value],
      ];
    case "struct":
      return type.fields.map((field) => [field.name, field.type]);
  }
}

function refuse(name: string, why: string): never {
  throw new OneCopyError("schema.bad_name", `The column name ${JSON.stringify(name)} ${why}.`, {
    remedy: "Give the column another name: … AS other_name.",
  });
}
