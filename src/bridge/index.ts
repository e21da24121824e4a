export { type Authenticated, bearer } from "./bearer.ts";
export { deltaSharing } from "./delta-sharing/app.ts";
export { profileFileText, writeProfileFile } from "./delta-sharing/profile-file.ts";
export { icebergRest } from "./iceberg-rest/app.ts";
