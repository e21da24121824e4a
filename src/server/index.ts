export type { AdminData, Overview, PeopleReport, ProfileDetail, ProfileSummary } from "./admin-data.ts";
export { type ServeOptions, type Serving, serve } from "./serve.ts";
export { projectData } from "./project-data.ts";
