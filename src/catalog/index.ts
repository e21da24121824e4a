export { Catalog } from "./catalog.ts";
export type { TableName } from "./name.ts";
export { mountFolder, openMount } from "./mount.ts";
