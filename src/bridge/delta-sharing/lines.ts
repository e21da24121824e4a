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

/* PROTOCOL.md, "API Response Actions in Parquet Format" and "… in Delta Format". */

/** `version`: of which the protocol is, where that is wanted. */
export function protocolLine(protocol: Protocol, format: ResponseFormat, version?: number): unknown {
  if (format === "parquet") return { protocol: { minReaderVersion: 1 } };
  return {
    protocol: { deltaProtocol: answerProtocol(protocol), ...(version === undefined ? {} : { version }) },
  };
}

/** What of a table's description goes out beside it. */
export interface TableFacts {
  readonly version?: number;
  readonly size?: number;
  readonly numFiles?: number;
}

export function metadataLine(
  { tableId, schemaString, partitionColumns, properties }: Description,
  format: ResponseFormat,
  facts: TableFacts,
): unknown {
  const metadata = {
    id: tableId,
    format: { provider: "parquet", options: {} },
    schemaString,
    partitionColumns,
    configuration: readerProperties(properties),
  };
  return { metaData: format === "delta" ? { ...facts, deltaMetadata: metadata } : { ...facts, ...metadata } };
}

/** The two lines that begin the answer about a snapshot. */
export function snapshotHead(snapshot: Snapshot, format: ResponseFormat, withVersion: boolean): unknown[] {
  return [
    protocolLine(snapshot.protocol, format),
    metadataLine(snapshot, format, {
      size: snapshot.files.sizeBytes,
      numFiles: snapshot.files.count,
      ...(withVersion ? { version: snapshot.version } : {}),
    }),
  ];
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

/** A file of a snapshot. */
export function fileLine(
  file: DataFile,
  tableId: string,
  format: ResponseFormat,
  link: FileLink,
  told: Told | undefined,
): unknown {
  const id = fileId(tableId, file.path);
  const common = { id, ...told, expirationTimestamp: link.expires };
  if (format === "parquet")
    return { file: { url: link.url, ...common, ...parquetFile(file), ...statsOf(file) } };
  return { file: { ...common, size: file.sizeBytes, deltaSingleAction: { add: addAction(file, link) } } };
}

/** A file of a change data feed (PROTOCOL.md, "Data Change Files"). */
export function changeLine(
  { kind, file }: FileChange,
  tableId: string,
  format: ResponseFormat,
  link: FileLink,
  told: Told,
): unknown {
  const common = { id: fileId(tableId, file.path), ...told, expirationTimestamp: link.expires };
  if (format === "parquet") {
    const stats = kind === "add" ? statsOf(file) : {};
    return { [kind === "cdc" ? "cdf" : kind]: { url: link.url, ...common, ...parquetFile(file), ...stats } };
  }
  const { partitionValues, sizeBytes: size } = file;
  const action = {
    add: () => ({ add: addAction(file, link) }),
    remove: () => ({
      remove: {
        path: link.url,
        deletionTimestamp: file.modifiedMs,
        dataChange: true,
        extendedFileMetadata: true,
        partitionValues,
        size,
        ...vectorOf(link),
      },
    }),
    cdc: () => ({ cdc: { path: link.url, partitionValues, size, dataChange: false } }),
  }[kind]();
  return { file: { ...common, size, deltaSingleAction: action } };
}

function addAction(file: DataFile, link: FileLink): object {
  return {
    path: link.url,
    partitionValues: file.partitionValues,
    size: file.sizeBytes,
    modificationTime: file.modifiedMs,
    dataChange: true,
    ...statsOf(file),
    ...vectorOf(link),
  };
}

function vectorOf({ deletionVector }: FileLink): { readonly deletionVector?: DeletionVector } {
  return deletionVector === undefined ? {} : { deletionVector };
}

function parquetFile({ partitionValues, sizeBytes: size }: DataFile): object {
  return { partitionValues, size };
}

function statsOf({ stats }: DataFile): { readonly stats?: string } {
  return stats === undefined ? {} : { stats };
}

/** The same for the same file in every answer; says nothing about where the file is. */
function fileId(tableId: string, path: string): string {
  return sha256(`${tableId}/${path}`).slice(0, 32);
}

/** What readers must know. The owner's other properties are nobody else's business. */
function readerProperties(properties: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(properties).filter(([key]) => key.startsWith("delta.")));
}
