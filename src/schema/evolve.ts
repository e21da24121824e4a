import { OneCopyError } from "../base/index.ts";
import { typeFromEngine } from "./engine.ts";
import type { Field, LogicalType, Schema } from "./type.ts";

/** A schema for a query's columns (engine types), with fresh ids from 1. Fails with `schema.type_unsupported` naming the column, or `schema.bad_name`. */
export function schemaOf(columns: readonly { readonly name: string; readonly type: string }[]): Schema {
  const fields = columns.map(({ name, type }) => ({
    name,
    type: ofColumn(name, () => typeFromEngine(type)),
  }));
  return addFields({ fields: [], lastFieldId: 0 }, fields);
}

/** The schema with `fields` at its end; they may be null, since rows that exist have no value for them. Fails with `schema.bad_name` when a name is taken. */
export function addFields(
  schema: Schema,
  fields: readonly { readonly name: string; readonly type: LogicalType; readonly comment?: string }[],
): Schema {
  const taken = new Set(schema.fields.map((field) => field.name.toLowerCase()));
  const added = fields.map((field, i): Field => {
    checkName(field.name, taken);
    taken.add(field.name.toLowerCase());
    return { ...field, id: schema.lastFieldId + 1 + i, nullable: true };
  });
  return { fields: [...schema.fields, ...added], lastFieldId: schema.lastFieldId + added.length };
}

/** The field of that name; names are the same when they differ in case only, as in both formats' SQL. */
export function fieldNamed(schema: Schema, name: string): Field | undefined {
  const wanted = name.toLowerCase();
  return schema.fields.find((field) => field.name.toLowerCase() === wanted);
}

/** What `convert` gives; its failure with the column's name in front. */
export function ofColumn<T>(column: string, convert: () => T): T {
  try {
    return convert();
  } catch (error) {
    if (!(error instanceof OneCopyError)) throw error;
    const options = error.remedy === undefined ? {} : { remedy: error.remedy };
    throw new OneCopyError(error.code, `Column ${column}: ${error.message}`, options);
  }
}

function checkName(name: string, taken: ReadonlySet<string>): void {
  const refuse = (why: string): never => {
    throw new OneCopyError("schema.bad_name", `The column name ${JSON.stringify(name)} ${why}.`, {
      remedy: "Give the column another name: … AS other_name.",
    });
  };
  if (name === "") refuse("is empty");
  if (/[\u0000-\u001f\u007f]/.test(name)) refuse("has a control character");
  if (/\p{Surrogate}/u.test(name)) refuse("is not valid Unicode");
  if (Buffer.byteLength(name) > 255) refuse("is longer than 255 bytes");
  if (taken.has(name.toLowerCase())) refuse("is taken; names that differ in case only are the same");
}
