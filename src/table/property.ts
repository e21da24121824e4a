import { OneCopyError } from "../base/index.ts";
import { type Schema, fieldNamed } from "../schema/index.ts";
import { propertyLastFieldId } from "./delta/schema.ts";
import { identifyingColumns, propertyIdentifying } from "./snapshot.ts";

/** Delta properties that need no feature beyond the protocol floor, and that OneCopy or foreign writers obey. */
const deltaProperties: ReadonlySet<string> = new Set([
  "delta.appendOnly",
  "delta.checkpointInterval",
  "delta.deletedFileRetentionDuration",
  "delta.logRetentionDuration",
  "delta.targetFileSize",
]);

/** Fails with `table.property_unsupported` or `table.column_unknown`. */
export function checkProperties(schema: Schema, properties: Readonly<Record<string, string>>): void {
  for (const [key, value] of Object.entries(properties)) {
    if (key === propertyLastFieldId || (key.startsWith("delta.") && !deltaProperties.has(key)))
      throw new OneCopyError("table.property_unsupported", `The table property ${key} cannot be set.`, {
        remedy: `Of Delta's own properties these can: ${[...deltaProperties].join(", ")}.`,
      });
    if (key === "delta.targetFileSize" && !/^[1-9]\d{0,14}$/.test(value))
      throw new OneCopyError(
        "table.property_unsupported",
        `delta.targetFileSize is ${value}; expected bytes.`,
        {
          remedy: "Write a whole number of bytes, such as 134217728.",
        },
      );
  }
  for (const name of identifyingColumns(properties))
    if (fieldNamed(schema, name) === undefined)
      throw new OneCopyError(
        "table.column_unknown",
        `${propertyIdentifying} names ${name}, which is no column.`,
        {
          remedy: `The columns are: ${schema.fields.map((field) => field.name).join(", ")}.`,
        },
      );
}
