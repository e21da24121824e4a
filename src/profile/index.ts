export { ProfileConfig } from "./config.ts";
export type { DerivedTable } from "./derived-table.ts";
export type { ProfileSource } from "./source.ts";
export { profileTables } from "./tables.ts";
