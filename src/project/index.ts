export { configJsonSchema } from "./json-schema.ts";
export { type ConfigProblem, parseConfig } from "./parse.ts";
export { type Project, currentRevision, isUnapplied, openProject } from "./project.ts";
export { type OneCopyProcess, enterProcess, listProcesses } from "./process.ts";
export {
  type ApplyOutcome,
  type Revision,
  applyRevision,
  listRevisions,
  readRevision,
  readableRevisions,
  revisionsSince,
} from "./revision.ts";
