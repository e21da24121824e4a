export { Catalog } from "./catalog.ts";
export type { TableName } from "./name.ts";
export { type MountConfig, mountAddress, mountStore, openMount } from "./mount.ts";
