export { type ScanOptions, scan } from "./scan.ts";
export { tagFieldIds } from "./branch.ts";
export { type FileMatcher, fileMatcher, filterMatcher, matchingFiles } from "./matching.ts";
