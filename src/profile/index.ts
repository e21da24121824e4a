export { ProfileConfig } from "./config.ts";
export type { DerivedTable } from "./derived-table.ts";
export {
  type FoundProfile,
  type Profile,
  type ProfileRecord,
  type ProfileRelations,
  profileRecords,
  readProfile,
  searchProfiles,
} from "./lookup.ts";
export type { ProfileSource } from "./source.ts";
export { profileTables } from "./tables.ts";
