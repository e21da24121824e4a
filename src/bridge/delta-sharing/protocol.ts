import type { Description, Protocol } from "../../table/index.ts";

/** What is about reading the log, which the client of a share does not do. */
const ofTheLog: ReadonlySet<string> = new Set(["v2Checkpoint", "vacuumProtocolCheck"]);

/** The reader features without which the answer's files would be misread. */
export function neededFeatures(
  { minReaderVersion, readerFeatures = [] }: Protocol,
  { properties }: Pick<Description, "properties">,
): readonly string[] {
  if (minReaderVersion >= 3) return readerFeatures.filter((feature) => !ofTheLog.has(feature));
  const mode = properties["delta.columnMapping.mode"] ?? "none";
  return minReaderVersion === 2 && mode !== "none" ? ["columnMapping"] : [];
}

/** The table's protocol without what is about reading the log. */
export function answerProtocol(protocol: Protocol): Protocol {
  const { minReaderVersion, minWriterVersion, readerFeatures, writerFeatures } = protocol;
  if (minReaderVersion < 3) return definedOnly(protocol);
  const reading = readerFeatures?.filter((feature) => !ofTheLog.has(feature)) ?? [];
  const writing = writerFeatures?.filter((feature) => !ofTheLog.has(feature)) ?? [];
  return reading.length === 0
    ? { minReaderVersion: 1, minWriterVersion, writerFeatures: writing }
    : { minReaderVersion, minWriterVersion, readerFeatures: reading, writerFeatures: writing };
}

function definedOnly(protocol: Protocol): Protocol {
  return Object.fromEntries(Object.entries(protocol).filter(([, value]) => value !== undefined)) as Protocol &
    object;
}
