export { isSecretReference } from "./secret.ts";
export {
  type DeltaSharingPlace,
  openSharedTable,
  sharedChanges,
  sharedVersion,
} from "./delta-sharing/open.ts";
export { type IcebergCatalogPlace, catalogTableState, openCatalogTable } from "./iceberg-rest/open.ts";
export type { RemoteVersion } from "./remote-version.ts";
