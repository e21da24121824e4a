export { type Evaluation, evaluate } from "./evaluate.ts";
export type { IdentityInput } from "./input.ts";
export type { Previous } from "./persist/stable-id.ts";
export {
  type Resolution,
  type ResolutionTables,
  type ResolveOptions,
  type ResolveStep,
  resolve,
  type SharedValue,
} from "./resolve.ts";
