import { sha256 } from "../../base/index.ts";
import type { DataFile, Snapshot } from "../../table/index.ts";
import type { ResponseFormat } from "./capabilities.ts";

/** The two lines that begin every answer: protocol and metadata (PROTOCOL.md, "API Response Actions"). */
export function headLines(snapshot: Snapshot, format: ResponseFormat, withVersion: boolean): unknown[] {
  const size = {
    size: snapshot.files.sizeBytes,
    numFiles: snapshot.files.count,
    ...(withVersion ? { version: snapshot.version } : {}),
  };
  const metadata = {
    id: snapshot.tableId,
    format: { provider: "parquet", options: {} },
    schemaString: snapshot.schemaString,
    partitionColumns: snapshot.partitionColumns,
    configuration: readerProperties(snapshot.properties),
  };
  return format === "delta"
    ? [
        { protocol: { deltaProtocol: definedOnly(snapshot.protocol) } },
        { metaData: { ...size, deltaMetadata: metadata } },
      ]
    : [{ protocol: { minReaderVersion: 1 } }, { metaData: { ...size, ...metadata } }];
}

/** The line of one file; `url` is where the client gets it until `expires` (milliseconds since 1970). */
export function fileLine(
  file: DataFile,
  snapshot: Snapshot,
  format: ResponseFormat,
  link: { readonly url: string; readonly expires: number },
  withVersion: boolean,
): unknown {
  const common = {
    id: fileId(snapshot.tableId, file.path),
    ...(withVersion ? { version: snapshot.version, timestamp: snapshot.timestampMs } : {}),
    expirationTimestamp: link.expires,
  };
  const stats = file.stats === undefined ? {} : { stats: file.stats };
  if (format === "parquet") {
    const { sizeBytes: size, partitionValues } = file;
    return { file: { url: link.url, ...common, partitionValues, size, ...stats } };
  }
  const add = {
    path: link.url,
    partitionValues: file.partitionValues,
    size: file.sizeBytes,
    modificationTime: file.modifiedMs,
    dataChange: true,
    ...stats,
  };
  return { file: { ...common, size: file.sizeBytes, deltaSingleAction: { add } } };
}

/** As many files as hold `limit` rows; a file of unknown length counts as empty, so there are never too few. */
export function* limited(files: Iterable<DataFile>, limit: number | undefined): Generator<DataFile> {
  let rows = 0;
  for (const file of files) {
    if (limit !== undefined && rows >= limit) return;
    rows += file.rows ?? 0;
    yield file;
  }
}

/** The same for the same file in every answer; says nothing about where the file is. */
function fileId(tableId: string, path: string): string {
  return sha256(`${tableId}/${path}`).slice(0, 32);
}

/** What readers must know. The owner's other properties are nobody else's business. */
function readerProperties(properties: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(properties).filter(([key]) => key.startsWith("delta.")));
}

function definedOnly(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined));
}
