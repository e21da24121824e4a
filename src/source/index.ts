export {
  type ForeignKeyTag,
  isForeignKey,
  isIdentifying,
  parseTag,
  plainTags,
  type PlainTag,
  type Tag,
} from "./tag/tag.ts";
export { suggestTags } from "./tag/suggest.ts";
export type { OtherSource, TagContext, TagSuggestion } from "./tag/suggestion.ts";
