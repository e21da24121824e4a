export { Catalog } from "./catalog.ts";
export type { TableName } from "./name.ts";
export { MountConfig, openMount } from "./mount.ts";
