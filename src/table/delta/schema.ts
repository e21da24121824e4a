import { z } from "zod";
import { OneCopyError } from "../../base/index.ts";
import { type Field, type Schema, ofColumn, typeFromDelta, typeToDelta } from "../../schema/index.ts";

/** Field metadata of ours that carries the id. Not `delta.columnMapping.id`: that one means a mapped table. */
const metadataId = "onecopy.id";
/** Table property: the highest id ever given, so that a dropped column's is not given again. */
export const propertyLastFieldId = "onecopy.last-field-id";

const struct = z.object({
  type: z.literal("struct"),
  fields: z.array(
    z.object({
      name: z.string(),
      type: z.unknown(),
      nullable: z.boolean(),
      metadata: z.record(z.string(), z.unknown()).nullish(),
    }),
  ),
});

export interface DeltaSchema extends Schema {
  /** False when some field got its id here: a foreign writer added it, and no file of ours has it. */
  readonly idsAreWritten: boolean;
}

/** Delta protocol, "Schema Serialization Format". */
export function schemaToDelta(schema: Schema): string {
  return JSON.stringify({
    type: "struct",
    fields: schema.fields.map((field) => ({
      name: field.name,
      type: typeToDelta(field.type),
      nullable: field.nullable,
      metadata: {
        [metadataId]: field.id,
        ...(field.comment === undefined ? {} : { comment: field.comment }),
      },
    })),
  });
}

/** Fields without an id get the next free ones. Fails with `schema.type_unsupported` or `table.log_damaged`. */
export function schemaFromDelta(
  table: string,
  schemaString: string,
  properties: Readonly<Record<string, string>>,
): DeltaSchema {
  const parsed = struct.safeParse(parseJson(schemaString));
  if (!parsed.success)
    throw new OneCopyError(
      "table.log_damaged",
      `The schema of ${table} cannot be read: ${parsed.error.message}`,
    );
  const ids = parsed.data.fields.map(({ metadata }) => {
    const id = metadata?.[metadataId];
    return Number.isSafeInteger(id) && (id as number) > 0 ? (id as number) : undefined;
  });
  const written = ids.filter((id) => id !== undefined);
  const unique = new Set(written).size === written.length;
  let last = Math.max(0, Number(properties[propertyLastFieldId] ?? 0) || 0, ...ids.map((id) => id ?? 0));
  const fields = parsed.data.fields.map((field, i): Field => {
    const comment = field.metadata?.["comment"];
    return {
      id: (unique ? ids[i] : undefined) ?? ++last,
      name: field.name,
      type: ofColumn(`${field.name} of ${table}`, () => typeFromDelta(field.type)),
      nullable: field.nullable,
      ...(typeof comment === "string" ? { comment } : {}),
    };
  });
  return { fields, lastFieldId: last, idsAreWritten: unique && written.length === ids.length };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
