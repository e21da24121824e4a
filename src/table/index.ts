export { Table } from "./table.ts";
export type { TableDefinition } from "./create.ts";
export type { ChangesRequest } from "./changes/changes.ts";
export type {
  CommitChanges,
  Description,
  FileChange,
  ChangedFiles,
  VersionHead,
} from "./changes/changed-files.ts";
export type {
  CommitRequest,
  DeleteRequest,
  MergeRequest,
  UpdateRequest,
  WriteRequest,
} from "./write/request.ts";
export {
  type CommitOutcome,
  type DataFile,
  type DeletionVector,
  type IcebergPointer,
  type Protocol,
  type Provenance,
  type Snapshot,
  identifyingColumns,
  propertyIdentifying,
  rowsLeft,
} from "./snapshot.ts";
export {
  type IcebergCommitOutcome,
  type IcebergCommitRequest,
  type NewTable,
  type TableRequirement,
  type TableUpdate,
  newTable,
  stagedMetadata,
  tableRequirement,
  tableUpdate,
  updatesFor,
} from "./foreign/index.ts";
export type { TableChange } from "./evolve/evolution.ts";
export type { VersionTarget } from "./evolve/version-at.ts";
export { type FileSet, fileList, fileSet } from "./file-set.ts";
export { type ScanOptions, filterMatcher, matchingFiles, scan } from "./scan/index.ts";
export { readDeltaSnapshot } from "./read.ts";
export { listedSnapshot, parseListedFile, parseListedHead, schemaOfListed } from "./listed.ts";
export { type IcebergReadOptions, readIcebergSnapshot } from "./iceberg/read/index.ts";
export { hasFilesOutside, isSelfContained } from "./elsewhere.ts";
export { icebergLocation, keyIn } from "./path.ts";
export { inlineDeletionVector } from "./deletion/index.ts";
export type { CompactOptions, CompactOutcome } from "./maintain/compact.ts";
export type { VersionEntry } from "./maintain/history.ts";
export type { MaintainOptions, MaintainOutcome } from "./maintain/maintain.ts";
export type { DropOutcome } from "./maintain/drop.ts";
export type { InventoryObject, ObjectKind, ObjectUse } from "./maintain/inventory.ts";
export type { VacuumOptions, VacuumOutcome } from "./maintain/vacuum.ts";
export type { PurgeOutcome, PurgeRequest } from "./purge/purge.ts";
