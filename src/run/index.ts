export { type RememberedTag, readTags, rememberedSources } from "./remembered-tags.ts";
export { population } from "./population.ts";
export { type PlannedStep, planProject } from "./plan.ts";
export { rowCount } from "./row-count.ts";
export { type RunOptions, runProject, today } from "./run.ts";
export type { RunReport, Step, StepEvent } from "./step.ts";
export { type TableStatus, tableStatus } from "./table-status.ts";
export { type Mounted, type Workspace, mountSnapshots, nameTables, openWorkspace } from "./workspace.ts";
