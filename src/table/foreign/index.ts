export { type IcebergCommitOutcome, type IcebergCommitRequest, commitIceberg } from "./commit.ts";
export { createFromIceberg, stagedMetadata } from "./create.ts";
export { updatesFor } from "./definition.ts";
export {
  type NewTable,
  type TableRequirement,
  type TableUpdate,
  newTable,
  tableRequirement,
  tableUpdate,
} from "./update.ts";
