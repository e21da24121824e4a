export { type Matching, matchings } from "./weigh/matching.ts";
export { IdentityConfig, keyTags, mostMoved } from "./config.ts";
export { type Evaluation, evaluate } from "./evaluate.ts";
export { type Evidence, evidenceWithValues, explain, type PairExplanation } from "./explain/explain.ts";
export {
  type ClusterEdge,
  type ClusterExplanation,
  explainCluster,
  mostRecordsCut,
} from "./explain/cluster.ts";
export { type RecordName, recordKey, recordText } from "./explain/read-record.ts";
export { edgesAmong, spanningTree } from "./explain/stored-edges.ts";
export {
  type FilesResolution,
  type ResolvedFile,
  resolveFiles,
  type ResolveFilesOptions,
} from "./file/resolve-files.ts";
export { stemOf } from "./file/stem.ts";
export type { GivenTag } from "./file/tags.ts";
export { readFile } from "./file/read.ts";
export { type LabelledMeasure, measureLabelled } from "./label/measure.ts";
export { readLabels } from "./label/read-labels.ts";
export { pairsToReview, type ReviewPair, reviewCsv } from "./label/review.ts";
export type { IdentityInput } from "./input.ts";
export { changeColumns, changeEvents, idsEverGiven, replayChanges } from "./persist/changes.ts";
export { type Movement, measureMovement, movementOf } from "./persist/movement.ts";
export type { Previous, PreviousHouseholds } from "./persist/stable-id.ts";
export {
  type KnownModel,
  type Resolution,
  type ResolutionTables,
  resolve,
  type ResolveOptions,
  type ResolveStep,
  type SharedValue,
} from "./resolve.ts";
export {
  type ChangedRecords,
  type Increment,
  type IncrementOptions,
  resolveChanges,
} from "./increment/resolve-changes.ts";
export type { StewardLink } from "./steward/on-nodes.ts";
export {
  addLink,
  leftOf,
  LINKS,
  type LinkRow,
  newestLinks,
  readLinks,
  rightOf,
  stewardLinks,
} from "./steward/links-table.ts";
export { type HouseholdTables, resolveHouseholds } from "./household/households.ts";
export { resolveHouseholdsOf } from "./household/touched.ts";
export { bandText } from "./report/bands.ts";
export { reportPage } from "./report/page/page.ts";
export { type IdentityReport, identityReport } from "./report/report.ts";
