export {
  type ForeignKeyTag,
  isForeignKey,
  isIdentifying,
  parseTag,
  plainTags,
  type PlainTag,
  type Tag,
} from "./tag/tag.ts";
export { birthdateOfParts, type BirthPart, birthParts } from "./tag/birth-parts.ts";
export { isPlaceholder } from "./placeholder.ts";
export { isMeasured } from "./tag/measure.ts";
export { suggestTags } from "./tag/suggest.ts";
export type { OtherSource, TagContext, TagSuggestion } from "./tag/suggestion.ts";
export { SourceConfig, SourcesConfig } from "./config.ts";
export { type DropFile, listDropFiles } from "./drop/glob.ts";
export {
  type LoadedFile,
  loadDrop,
  type LoadOutcome,
  type LoadProgress,
  type LoadRequest,
  pendingFiles,
} from "./drop/load.ts";
export {
  sourceRelations,
  type SourceRelation,
  type SourceRelations,
  type SourceRequest,
} from "./relation.ts";
export { isKey, recordsOf } from "./record-id.ts";
export { stageFile } from "./drop/open-drop.ts";
export type { Stage } from "./drop/stage.ts";
