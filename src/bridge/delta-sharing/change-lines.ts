import type { ChangedFiles, Description, FileChange, Protocol } from "../../table/index.ts";
import { refuse } from "../error.ts";
import type { ResponseFormat } from "./capabilities.ts";
import { changeLine, line, metadataLine, protocolLine } from "./lines.ts";
import type { FileLinks } from "./links.ts";
import type { Lines } from "./stream.ts";

export interface ChangeLines {
  readonly format: ResponseFormat;
  readonly links: FileLinks;
  /**
   * `feed`: what happened to rows; files of changes, where a commit has them, alone. `files`: what files came and went,
   * for who follows the table's files.
   */
  readonly kind: "feed" | "files";
  /** Later descriptions of the table go where they were made; the first is then that of the first version. */
  readonly historicalMetadata: boolean;
  readonly historicalProtocol: boolean;
  /** There is a line that closes the answer. */
  readonly withEnd: boolean;
}

/** What happened between two versions: what the table is, then commit by commit the files that say it. */
export async function* changeLines(changed: ChangedFiles, options: ChangeLines): Lines {
  const { format, links, kind } = options;
  const historicalProtocol = options.historicalProtocol && format === "delta";
  const described = options.historicalMetadata ? changed.from : changed.to;
  const ruled = historicalProtocol ? changed.from : changed.to;
  const describe = (description: Description, version: number): string =>
    metadataLine(kind === "feed" ? withFeed(description) : description, format, { version });
  const rule = (protocol: Protocol, version: number | undefined): string =>
    protocolLine(kind === "feed" ? feedProtocol(protocol) : protocol, format, version);
  yield (
    rule(ruled.protocol, historicalProtocol ? ruled.version : undefined) +
      describe(described.description, described.version)
  );
  for await (const { version, timestampMs, description, protocol, changes } of changed.commits()) {
    let text = "";
    const isLater = version > changed.from.version;
    if (isLater && historicalProtocol && protocol !== undefined) text += rule(protocol, version);
    if (isLater && options.historicalMetadata && description !== undefined)
      text += describe(description, version);
    const wanted = wantedOf(changes, kind);
    if (format === "parquet" && wanted.some(({ file }) => file.deletionVector !== undefined))
      throw refuse("unsupported", `Version ${version} has deletion vectors: ask for responseformat=delta.`);
    const of = await links.of(wanted.map(({ file }) => file));
    const told = { version, timestamp: timestampMs };
    for (const [i, change] of wanted.entries())
      text += changeLine(change, changed.to.description.tableId, format, of[i]!, told);
    if (text !== "") yield text;
  }
  if (options.withEnd) yield line({ endStreamAction: links.end() });
}

/** What a client is told when the log, or its first versions, are not there any more. */
export function changesGone(from: number): string {
  return `The changes since version ${from} are not all kept any more. Query the table as it is now, and ask for the changes after that version.`;
}

function wantedOf(changes: readonly FileChange[], kind: "feed" | "files"): readonly FileChange[] {
  const feed = changes.filter((change) => change.kind === "cdc");
  if (kind === "feed" && feed.length > 0) return feed;
  return feed.length === 0 ? changes : changes.filter((change) => change.kind !== "cdc");
}

/**
 * The feed is told for every table, by files of rows that came and went where there are no others. Readers that go by
 * the table's own property, and by the feature of those who write feeds, would not take it.
 */
function withFeed(description: Description): Description {
  return { ...description, properties: { ...description.properties, "delta.enableChangeDataFeed": "true" } };
}

function feedProtocol(protocol: Protocol): Protocol {
  const { minWriterVersion, writerFeatures = [] } = protocol;
  if (minWriterVersion < 7) return { ...protocol, minWriterVersion: Math.max(4, minWriterVersion) };
  return { ...protocol, writerFeatures: [...new Set([...writerFeatures, "changeDataFeed"])] };
}
