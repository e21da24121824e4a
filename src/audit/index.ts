export { type Answer, type Audit, auditProject } from "./audit.ts";
export { type Copy } from "./copies.ts";
export { formatBytes } from "./format.ts";
export { type TableReader, type TableReaders } from "./readers.ts";
