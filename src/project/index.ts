export { ProjectConfig } from "./config.ts";
export { configJsonSchema } from "./json-schema.ts";
export { type ConfigProblem, parseConfig } from "./parse.ts";
export { CONFIG_FILE, type Project, currentRevision, openProject } from "./project.ts";
export { type OneCopyProcess, enterProcess, listProcesses } from "./process.ts";
export {
  type ApplyOutcome,
  type Revision,
  applyRevision,
  listRevisions,
  newestRevision,
  readRevision,
} from "./revision.ts";
