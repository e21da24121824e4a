export { Catalog } from "./catalog.ts";
export type { TableName } from "./name.ts";
export { openMount } from "./mount.ts";
