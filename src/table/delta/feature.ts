import { OneCopyError } from "../../base/index.ts";
import type { MetaDataAction, ProtocolAction } from "./action.ts";
import { propertyCompat } from "./protocol.ts";

/** Reader features that change nothing for us, or that the scan knows: all others are refused by name. */
const readable: ReadonlySet<string> = new Set([
  "vacuumProtocolCheck",
  "timestampNtz",
  "deletionVectors",
  "columnMapping",
  "typeWidening", // the files of before are cast
  "typeWidening-preview",
  "v2Checkpoint",
]);

type Configuration = MetaDataAction["configuration"];
type Written = Pick<MetaDataAction, "schemaString" | "configuration">;

/**
 * Writer features with which a table can be written: always, or as long as it does not really use them. What is not
 * here is refused: row tracking numbers rows as soon as it is supported, clustering wants statistics of its columns.
 */
const writable: Readonly<Record<string, (metaData: Written) => boolean>> = {
  appendOnly: always,
  timestampNtz: always,
  deletionVectors: always,
  domainMetadata: always, // commits leave domains alone, checkpoints keep them
  invariants: ({ schemaString }) => !schemaString.includes('"delta.invariants"'),
  checkConstraints: ({ configuration }) =>
    !Object.keys(configuration).some((key) => key.startsWith("delta.constraints.")),
  generatedColumns: ({ schemaString }) => !schemaString.includes('"delta.generationExpression"'),
  identityColumns: ({ schemaString }) => !schemaString.includes('"delta.identity.'),
  allowColumnDefaults: ({ schemaString }) => !schemaString.includes('"CURRENT_DEFAULT"'),
  changeDataFeed: ({ configuration }) => configuration["delta.enableChangeDataFeed"] !== "true",
  inCommitTimestamp: ({ configuration }) => configuration["delta.enableInCommitTimestamps"] !== "true",
  // Without it foreign appends leave the ids of list elements and map entries out (FORMATS.md, "Schema change").
  columnMapping: ({ schemaString, configuration }) =>
    mode(configuration) === "none" ||
    configuration[propertyCompat] === "true" ||
    !/"type":"(array|map)"/.test(schemaString),
  icebergCompatV2: always,
};

/** Delta protocol, "Valid Feature Names in Table Features": the writer versions that stand for features. */
const legacy: readonly { readonly since: number; readonly names: readonly string[] }[] = [
  { since: 2, names: ["appendOnly", "invariants"] },
  { since: 3, names: ["checkConstraints"] },
  { since: 4, names: ["changeDataFeed", "generatedColumns"] },
  { since: 5, names: ["columnMapping"] },
  { since: 6, names: ["identityColumns"] },
];

/** Fails with `table.delta_feature_unsupported` for what would make us misread the table's newest rows. */
export function checkReadable(table: string, protocol: ProtocolAction, metaData: MetaDataAction): void {
  if (protocol.minReaderVersion > 3) refuse(table, `reader version ${protocol.minReaderVersion}`, "read");
  for (const feature of protocol.readerFeatures ?? [])
    if (!readable.has(feature)) refuse(table, feature, "read");
  const mapping = mode(metaData.configuration);
  if (!["none", "name", "id"].includes(mapping)) refuse(table, `columnMapping with mode ${mapping}`, "read");
}

/** Fails with `table.delta_feature_unsupported` for what a commit of ours would break. */
export function checkWritable(table: string, protocol: ProtocolAction, metaData: Written): void {
  const { minWriterVersion: version } = protocol;
  if (version > 7) refuse(table, `writer version ${version}`, "written");
  const features =
    version === 7
      ? (protocol.writerFeatures ?? [])
      : legacy.flatMap(({ since, names }) => (since <= version ? names : []));
  for (const feature of features)
    if (!Object.hasOwn(writable, feature) || !writable[feature]!(metaData)) refuse(table, feature, "written");
}

function mode(configuration: Configuration): string {
  return configuration["delta.columnMapping.mode"] ?? "none";
}

function always(): boolean {
  return true;
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
