export type { BridgeContext } from "./context.ts";
export { type Authenticated, bearer } from "./bearer.ts";
export type { LiveSegments } from "./context.ts";
export { type ClientAddress, clientAddress } from "./client-address.ts";
export { deltaSharing } from "./delta-sharing/app.ts";
export { profileFileAnswer, writeProfileFile } from "./delta-sharing/profile-file.ts";
export { deltaSharingApi } from "./delta-sharing/api.ts";
export { icebergRest } from "./iceberg-rest/app.ts";
export { icebergApi } from "./iceberg-rest/api.ts";
export {
  type Answers,
  type Api,
  type OpenApiDocument,
  openApiDocument,
  templateOf,
} from "./openapi/index.ts";
export {
  type Installation,
  type Recipe,
  type Warehouse,
  type Way,
  filesOf,
  installationOf,
  recipeFor,
  recipeText,
  recipes,
} from "./connect/index.ts";
