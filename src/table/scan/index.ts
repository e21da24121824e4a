export { type ScanOptions, scan } from "./scan.ts";
export { tagFieldIds } from "./branch.ts";
export { type FileMatcher, fileMatcher, matchingFiles } from "./matching.ts";
