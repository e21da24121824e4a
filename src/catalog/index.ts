export { Catalog } from "./catalog.ts";
export { CatalogConfig, trinoName } from "./config.ts";
export { type TableName, type ViewName, checkViewName, parseName } from "./name.ts";
export {
  type NamespaceProperties,
  changeNamespace,
  createNamespace,
  dropNamespace,
  namespaceProperties,
  namespaces,
} from "./namespace.ts";
export { dropView, findView, renameView, setView, viewsIn } from "./view.ts";
export {
  type MountConfig,
  type MountState,
  isMountOfMany,
  isServed,
  mountAddress,
  mountChanges,
  mountStore,
  mountsOfMany,
  mountState,
  openMount,
} from "./mount.ts";
export { isSecretReference } from "./remote/index.ts";
