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

/** A table property: JSON list of the columns by which rows are sorted when they are written. */
export const propertySortBy = "onecopy.sort-by";

export function sortColumns(properties: Readonly<Record<string, string>>): readonly string[] {
  return columnList(properties, propertySortBy);
}

function columnList(properties: Readonly<Record<string, string>>, key: string): readonly string[] {
  const text = properties[key];
  if (text === undefined) return [];
  try {
    const names: unknown = JSON.parse(text);
    if (Array.isArray(names) && names.every((name) => typeof name === "string")) return names;
  } catch {
    // Said below.
  }
  throw new OneCopyError(
    "table.property_unsupported",
    `${key} is ${text}; expected a JSON list of columns.`,
    {
      remedy: `Write it like ["country", "id"].`,
    },
  );
}

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
  for (const [key, name] of [
    ...[...identifyingColumns(properties)].map((column) => [propertyIdentifying, column] as const),
    ...sortColumns(properties).map((column) => [propertySortBy, column] as const),
  ])
    if (fieldNamed(schema, name) === undefined)
      throw new OneCopyError("table.column_unknown", `${key} names ${name}, which is no column.`, {
        remedy: `The columns are: ${schema.fields.map((field) => field.name).join(", ")}.`,
      });
}
