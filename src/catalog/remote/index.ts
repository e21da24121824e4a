export { isSecretReference } from "./secret.ts";
export {
  type DeltaSharingPlace,
  type RemoteVersion,
  openSharedTable,
  sharedChanges,
  sharedVersion,
} from "./delta-sharing/open.ts";
