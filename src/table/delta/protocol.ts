import { type LogicalType, type Schema, isNested } from "../../schema/index.ts";
import type { Protocol } from "../snapshot.ts";

/** Readable by everything there is (FORMATS.md, rule 7). */
export const protocolFloor: Protocol = { minReaderVersion: 1, minWriterVersion: 2 };

/** The properties that switch a feature on. */
export const propertyDeletionVectors = "delta.enableDeletionVectors";
export const propertyMappingMode = "delta.columnMapping.mode";
/** No row may be deleted or changed. */
export const propertyAppendOnly = "delta.appendOnly";
export const propertyCompat = "delta.enableIcebergCompatV2";

/** A feature of the protocol that a table needs, and who cannot go along (measured: docs/interop.md). */
interface Feature {
  readonly name: string;
  readonly reader: boolean;
  readonly excludes: string | undefined;
  readonly isNeeded: (schema: Schema, properties: Readonly<Record<string, string>>) => boolean;
  /** The floor has it without a name. */
  readonly isInFloor?: boolean;
}

const features: readonly Feature[] = [
  {
    name: "timestampNtz",
    reader: true,
    excludes: "Delta readers below protocol 3, and Delta Sharing in parquet format",
    isNeeded: ({ fields }) => fields.some(({ type }) => holdsZoneless(type)),
  },
  {
    name: "deletionVectors",
    reader: true,
    excludes: "delta-rs (to_pyarrow_table, to_pandas), and Delta Sharing in parquet format",
    isNeeded: (_, properties) => properties[propertyDeletionVectors] === "true",
  },
  {
    name: "columnMapping",
    reader: true,
    excludes:
      "delta-rs (to_pyarrow_table, to_pandas), Polars' scan_delta, and Delta Sharing in parquet format",
    isNeeded: (_, properties) => (properties[propertyMappingMode] ?? "none") !== "none",
  },
  {
    name: "icebergCompatV2",
    reader: false,
    excludes: "delta-rs as a writer",
    isNeeded: (_, properties) => properties[propertyCompat] === "true",
  },
  {
    name: "appendOnly",
    reader: false,
    excludes: undefined,
    isNeeded: (_, properties) => properties[propertyAppendOnly] === "true",
    isInFloor: true,
  },
];

/**
 * The protocol of a table: the floor as long as no feature is in use, then (3,7) with the features by name, never a
 * version in between (FORMATS.md, rule 7). It never goes down.
 */
export function protocolFor(
  schema: Schema,
  properties: Readonly<Record<string, string>>,
  before: Protocol = protocolFloor,
): Protocol {
  const needed = features.filter(({ isNeeded }) => isNeeded(schema, properties));
  const missing = needed.filter(({ name }) => !(before.writerFeatures ?? []).includes(name));
  const known = before.minWriterVersion < 7;
  if (missing.every(({ isInFloor }) => known && isInFloor === true)) return before;
  const names = (those: readonly Feature[]): string[] => those.map(({ name }) => name);
  const readerFeatures = union(before.readerFeatures, names(needed.filter(({ reader }) => reader)));
  const writerFeatures = union(before.writerFeatures, names(needed));
  return readerFeatures.length === 0
    ? { minReaderVersion: before.minReaderVersion, minWriterVersion: 7, writerFeatures }
    : { minReaderVersion: 3, minWriterVersion: 7, readerFeatures, writerFeatures };
}

/** What the step from one protocol to another costs, in words. */
export function excludedBy(before: Protocol, after: Protocol): string[] {
  const had = before.writerFeatures ?? [];
  return features.flatMap(({ name, excludes }) =>
    excludes !== undefined && (after.writerFeatures ?? []).includes(name) && !had.includes(name)
      ? [`${name}: ${excludes}`]
      : [],
  );
}

function union(a: readonly string[] = [], b: readonly string[]): string[] {
  return [...new Set([...a, ...b])];
}

function holdsZoneless(type: LogicalType): boolean {
  if (!isNested(type)) return type === "timestamp_ntz";
  switch (type.kind) {
    case "list":
      return holdsZoneless(type.element);
    case "map":
      return holdsZoneless(type.key) || holdsZoneless(type.value);
    case "struct":
      return type.fields.some((field) => holdsZoneless(field.type));
  }
}
