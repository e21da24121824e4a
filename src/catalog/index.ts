export { Catalog } from "./catalog.ts";
export { CatalogConfig } from "./config.ts";
export type { TableName, ViewName } from "./name.ts";
export {
  type NamespaceProperties,
  changeNamespace,
  createNamespace,
  dropNamespace,
  namespaceProperties,
  namespaces,
} from "./namespace.ts";
export { dropView, findView, renameView, setView, viewsIn } from "./view.ts";
export { type MountConfig, mountAddress, mountStore, openMount } from "./mount.ts";
