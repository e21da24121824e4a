import { OneCopyError } from "../../base/index.ts";
import type { MetaDataAction, ProtocolAction } from "./action.ts";

/** Reader features that change nothing for us, or that show elsewhere when a table really uses them. */
const harmlessForReading: ReadonlySet<string> = new Set([
  "vacuumProtocolCheck",
  "timestampNtz", // shows as a column type
  "deletionVectors", // a scan leaves out what they delete
  "columnMapping", // shows in the configuration
  "typeWidening", // shows in the schema
  "typeWidening-preview",
  "v2Checkpoint", // shows as a checkpoint
]);

/** Writer features that a commit of ours keeps. */
const keptWhenWriting: ReadonlySet<string> = new Set([
  "appendOnly",
  "invariants",
  "timestampNtz",
  "deletionVectors",
]);

/** Fails with `table.delta_feature_unsupported` for what would make us misread the table's newest rows. */
export function checkReadable(table: string, protocol: ProtocolAction, metaData: MetaDataAction): void {
  if (protocol.minReaderVersion > 3) refuse(table, `reader version ${protocol.minReaderVersion}`, "read");
  for (const feature of protocol.readerFeatures ?? [])
    if (!harmlessForReading.has(feature)) refuse(table, feature, "read");
  const mapping = metaData.configuration["delta.columnMapping.mode"] ?? "none";
  if (mapping !== "none") refuse(table, "columnMapping", "read");
  if (metaData.schemaString.includes('"delta.typeChanges"')) refuse(table, "typeWidening", "read");
}

/** Fails with `table.delta_feature_unsupported` for what a commit of ours would break. */
export function checkWritable(
  table: string,
  protocol: ProtocolAction,
  metaData: Pick<MetaDataAction, "schemaString">,
): void {
  if (protocol.minWriterVersion > 7) refuse(table, `writer version ${protocol.minWriterVersion}`, "written");
  if (protocol.minWriterVersion > 2 && protocol.minWriterVersion < 7)
    refuse(table, `writer version ${protocol.minWriterVersion}`, "written");
  for (const feature of protocol.writerFeatures ?? [])
    if (!keptWhenWriting.has(feature)) refuse(table, feature, "written");
  if (metaData.schemaString.includes('"delta.invariants"')) refuse(table, "invariants", "written");
}

function refuse(table: string, feature: string, done: "read" | "written"): never {
  throw new OneCopyError(
    "table.delta_feature_unsupported",
    `The table ${table} uses the Delta feature ${feature}, with which it cannot be ${done} by OneCopy.`,
    {
      remedy: `Have its owner drop the feature (ALTER TABLE … DROP FEATURE ${feature}) or provide a plain table.`,
    },
  );
}
