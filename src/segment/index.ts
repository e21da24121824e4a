export { type Population, compileSegment, dependsOnDay } from "./compile.ts";
export { ExtractsConfig, extractSql } from "./extract.ts";
export { type Rule, type Segment, SegmentsConfig } from "./rule.ts";
export { countSegment, showSegment } from "./show.ts";
export { viewSql } from "./view.ts";
