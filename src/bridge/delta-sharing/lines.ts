import { sha256 } from "../../base/index.ts";
import type {
  DataFile,
  DeletionVector,
  Description,
  FileChange,
  Protocol,
  Snapshot,
} from "../../table/index.ts";
import type { ResponseFormat } from "./capabilities.ts";
import { answerProtocol } from "./protocol.ts";

/* PROTOCOL.md, "API Response Actions in Parquet Format" and "… in Delta Format". A line is JSON text, with its end. */

export function line(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}

/** `version`: of which the protocol is, where that is wanted. */
export function protocolLine(protocol: Protocol, format: ResponseFormat, version?: number): string {
  if (format === "parquet") return line({ protocol: { minReaderVersion: 1 } });
  return line({
    protocol: { deltaProtocol: answerProtocol(protocol), ...(version === undefined ? {} : { version }) },
  });
}

/** What of a table's description goes out beside it. */
export interface TableFacts {
  readonly version?: number;
  readonly size?: number;
  readonly numFiles?: number;
  /** Given where the table's folder may be read, too; without it the client takes URLs for the only way. */
  readonly location?: string;
  readonly accessModes?: readonly ("url" | "dir")[];
}

export function metadataLine(
  { tableId, schemaString, partitionColumns, properties }: Description,
  format: ResponseFormat,
  facts: TableFacts,
): string {
  const metadata = {
    id: tableId,
    format: { provider: "parquet", options: {} },
    schemaString,
    partitionColumns,
    configuration: readerProperties(properties),
  };
  return line({
    metaData: format === "delta" ? { ...facts, deltaMetadata: metadata } : { ...facts, ...metadata },
  });
}

/** The two lines that begin the answer about a snapshot. `folder`: by which the table may be read beside its files' URLs. */
export function snapshotHead(
  snapshot: Snapshot,
  format: ResponseFormat,
  withVersion: boolean,
  folder?: string,
): string {
  const facts: TableFacts = {
    size: snapshot.files.sizeBytes,
    numFiles: snapshot.files.count,
    ...(withVersion ? { version: snapshot.version } : {}),
    ...(folder === undefined ? {} : { location: folder, accessModes: ["url", "dir"] }),
  };
  return protocolLine(snapshot.protocol, format) + metadataLine(snapshot, format, facts);
}

/** Where the client gets a file, until when (milliseconds since 1970), and which of its rows are deleted. */
export interface FileLink {
  readonly url: string;
  readonly expires: number;
  readonly deletionVector: DeletionVector | undefined;
}

/** The version that a file is told of, where the client wants to know. */
export interface Told {
  readonly version: number;
  readonly timestamp: number;
}

/** A file of a snapshot. A table may have a million: so the text is put together by hand. */
export function fileLine(
  file: DataFile,
  tableId: string,
  format: ResponseFormat,
  link: FileLink,
  told: Told | undefined,
): string {
  const { sizeBytes, stats } = file;
  const id = `"id":"${fileId(tableId, file.path)}"`;
  const toldText = told === undefined ? "" : `,"version":${told.version},"timestamp":${told.timestamp}`;
  const common = `${id}${toldText},"expirationTimestamp":${link.expires}`;
  const statsText = stats === undefined ? "" : `,"stats":${JSON.stringify(stats)}`;
  const partition = `"partitionValues":${partitionText(file.partitionValues)},"size":${sizeBytes}`;
  const url = JSON.stringify(link.url);
  if (format === "parquet") return `{"file":{"url":${url},${common},${partition}${statsText}}}\n`;
  const vector =
    link.deletionVector === undefined ? "" : `,"deletionVector":${JSON.stringify(link.deletionVector)}`;
  const add = `"path":${url},${partition},"modificationTime":${file.modifiedMs},"dataChange":true${statsText}${vector}`;
  return `{"file":{${common},"size":${sizeBytes},"deltaSingleAction":{"add":{${add}}}}}\n`;
}

type PartitionValues = DataFile["partitionValues"];
/** The files of a partition share their values. */
const partitionTexts = new WeakMap<PartitionValues, string>();

function partitionText(values: PartitionValues): string {
  const known = partitionTexts.get(values);
  if (known !== undefined) return known;
  const text = JSON.stringify(values);
  partitionTexts.set(values, text);
  return text;
}

/** A file of a change data feed (PROTOCOL.md, "Data Change Files"). */
export function changeLine(
  { kind, file }: FileChange,
  tableId: string,
  format: ResponseFormat,
  link: FileLink,
  told: Told,
): string {
  const { partitionValues, sizeBytes: size, stats } = file;
  const common = { id: fileId(tableId, file.path), ...told, expirationTimestamp: link.expires };
  const withStats = kind === "add" && stats !== undefined ? { stats } : {};
  if (format === "parquet") {
    const told = { url: link.url, ...common, partitionValues, size, ...withStats };
    return line({ [kind === "cdc" ? "cdf" : kind]: told });
  }
  const shared = { path: link.url, partitionValues, size };
  const vector = link.deletionVector === undefined ? {} : { deletionVector: link.deletionVector };
  const action = {
    add: { ...shared, modificationTime: file.modifiedMs, dataChange: true, ...withStats, ...vector },
    remove: {
      ...shared,
      deletionTimestamp: file.modifiedMs,
      dataChange: true,
      extendedFileMetadata: true,
      ...vector,
    },
    cdc: { ...shared, dataChange: false },
  }[kind];
  return line({ file: { ...common, size, deltaSingleAction: { [kind]: action } } });
}

/** The same for the same file in every answer; says nothing about where the file is. */
function fileId(tableId: string, path: string): string {
  return sha256(`${tableId}/${path}`).slice(0, 32);
}

/** What readers must know. The owner's other properties are nobody else's business. */
function readerProperties(properties: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(properties).filter(([key]) => key.startsWith("delta.")));
}
