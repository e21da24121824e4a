export { type Authenticated, bearer } from "./bearer.ts";
export { type ClientAddress, clientAddress } from "./client-address.ts";
export { deltaSharing } from "./delta-sharing/app.ts";
export { profileFileText, writeProfileFile } from "./delta-sharing/profile-file.ts";
export { icebergRest } from "./iceberg-rest/app.ts";
export {
  type Installation,
  type Recipe,
  type Warehouse,
  filesOf,
  installationOf,
  recipeText,
  recipes,
} from "./connect/index.ts";
