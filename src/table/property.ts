import { OneCopyError } from "../base/index.ts";
import { type Schema, fieldNamed } from "../schema/index.ts";
import { propertyAppendOnly, propertyDeletionVectors } from "./delta/protocol.ts";
import { propertyLastFieldId } from "./delta/schema.ts";
import { propertyCloneSources, propertyFilesOutside } from "./elsewhere.ts";
import { propertyIdentifying } from "./snapshot.ts";

/** Delta properties that need no feature beyond the protocol floor, and that OneCopy or foreign writers obey. */
const deltaProperties: ReadonlySet<string> = new Set([
  propertyAppendOnly,
  "delta.checkpointInterval",
  "delta.deletedFileRetentionDuration",
  propertyDeletionVectors,
  "delta.logRetentionDuration",
  "delta.targetFileSize",
]);

/** Table property: JSON list of the columns by which a write sorts its rows. */
const propertySortBy = "onecopy.sort-by";

/** Table property: how many bytes of data files a change of the schema may write again. */
export const propertyRewriteLimit = "onecopy.rewrite-limit-bytes";
const defaultRewriteLimitBytes = 4 * 2 ** 30;

/** Properties that say what the table's log and files are, and so are set by operations only. */
const ownProperties: ReadonlySet<string> = new Set([
  propertyLastFieldId,
  propertyCloneSources,
  propertyFilesOutside,
  "onecopy.dropped-columns",
]);

/** Properties that hold a whole number of bytes. */
const byteCounts: ReadonlySet<string> = new Set(["delta.targetFileSize", propertyRewriteLimit]);

/** Properties that hold a JSON list of columns. */
const columnLists: readonly string[] = [propertyIdentifying, propertySortBy];

/** Fails with `table.property_unsupported` or `table.column_unknown`. */
export function checkProperties(schema: Schema, properties: Readonly<Record<string, string>>): void {
  for (const [key, value] of Object.entries(properties)) {
    refuseOwn(key);
    if (byteCounts.has(key) && !/^[1-9]\d{0,14}$/.test(value))
      throw new OneCopyError("table.property_unsupported", `${key} is ${value}; expected bytes.`, {
        remedy: "Write a whole number of bytes, such as 134217728.",
      });
    if (columnLists.includes(key)) checkColumns(schema, key, value);
    if (key === propertyDeletionVectors && !["true", "false"].includes(value))
      throw new OneCopyError("table.property_unsupported", `${key} is ${value}; expected true or false.`);
  }
}

/** Fails with `table.property_unsupported` for a property that no owner may set or take away. */
export function refuseOwn(key: string): void {
  if (ownProperties.has(key) || (key.startsWith("delta.") && !deltaProperties.has(key)))
    throw new OneCopyError("table.property_unsupported", `The table property ${key} cannot be set.`, {
      remedy: `Of Delta's own properties these can: ${[...deltaProperties].join(", ")}.`,
    });
}

/** The bytes that a change of the schema may write again. */
export function rewriteLimitBytes(properties: Readonly<Record<string, string>>): number {
  return Number(properties[propertyRewriteLimit] ?? defaultRewriteLimitBytes);
}

/** The columns by which a write sorts. */
export function sortColumns(properties: Readonly<Record<string, string>>): readonly string[] {
  return columnList(properties[propertySortBy]) ?? [];
}

/** The properties with columns under their new names in all lists of columns; without those that have none. `names`: new by old. */
export function renameInColumnLists(
  properties: Readonly<Record<string, string>>,
  names: ReadonlyMap<string, string | undefined>,
): Readonly<Record<string, string>> {
  const next = { ...properties };
  const lower = new Map([...names].map(([from, to]) => [from.toLowerCase(), to]));
  for (const key of columnLists) {
    const listed = columnList(properties[key]);
    if (listed === undefined) continue;
    const renamed = listed.flatMap((name) =>
      lower.has(name.toLowerCase()) ? (lower.get(name.toLowerCase()) ?? []) : name,
    );
    next[key] = JSON.stringify(renamed);
  }
  return next;
}

/** The properties without what keeps foreign writers' statistics off identifying columns: there are none any more. */
export function withoutOwnStatistics(
  properties: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const own = ["delta.dataSkippingStatsColumns", "delta.dataSkippingNumIndexedCols"];
  return Object.fromEntries(Object.entries(properties).filter(([key]) => !own.includes(key)));
}

/** Fails with `table.property_unsupported` or `table.column_unknown`. */
function checkColumns(schema: Schema, key: string, value: string): void {
  const names = columnList(value);
  if (names === undefined)
    throw new OneCopyError("table.property_unsupported", `${key} is ${value}; expected a JSON list.`, {
      remedy: 'Name the columns as in ["email", "phone"].',
    });
  for (const name of names)
    if (fieldNamed(schema, name) === undefined)
      throw new OneCopyError("table.column_unknown", `${key} names ${name}, which is no column.`, {
        remedy: `The columns are: ${schema.fields.map((field) => field.name).join(", ")}.`,
      });
}

function columnList(text: string | undefined): readonly string[] | undefined {
  if (text === undefined) return undefined;
  try {
    const names: unknown = JSON.parse(text);
    return Array.isArray(names) && names.every((name) => typeof name === "string") ? names : undefined;
  } catch {
    return undefined;
  }
}
