export { type OpenApiDocument, openApiDocument, templateOf } from "./document.ts";
export type { Answers, Api, Operation, RequestBody } from "./operation.ts";
