import { OneCopyError } from "../base/index.ts";
import { typeFromEngine } from "./engine.ts";
import { FreshIds } from "./evolve/index.ts";
import { checkName, checkNamesIn, checkUnique } from "./field-name.ts";
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
  const ids = new FreshIds(schema.lastFieldId);
  const added = fields.map((field): Field => {
    checkName(field.name);
    checkNamesIn(field.type);
    return { ...field, id: ids.next(), type: ids.type(field.type), nullable: true };
  });
  const all = [...schema.fields, ...added];
  checkUnique({ fields: all });
  return { fields: all, lastFieldId: ids.last };
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
