export { isSecretReference } from "./secret.ts";
export {
  type DeltaSharingPlace,
  openSharedTable,
  sharedChanges,
  sharedTables,
  sharedVersion,
} from "./delta-sharing/open.ts";
export {
  type IcebergCatalogPlace,
  catalogTableState,
  catalogTables,
  openCatalogTable,
} from "./iceberg-rest/open.ts";
export type { RemoteVersion } from "./remote-version.ts";
export { isPattern } from "./delta-sharing/table-name.ts";
