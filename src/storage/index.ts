export type { LentKeys, LentRight, Presigner } from "./lending.ts";
export type {
  ByteRange,
  GetOutcome,
  HeadOutcome,
  ObjectEntry,
  PutCondition,
  PutOutcome,
  RemoteAccess,
  S3Connection,
  Store,
} from "./store.ts";
export {
  type Fault,
  type FaultPlan,
  type FaultRule,
  type StoreCall,
  type StoreOperation,
  scripted,
  seeded,
} from "./fault/plan.ts";
export { FaultyStore } from "./fault/store.ts";
export { dyingStore } from "./fault/dying.ts";
export { compareKeys } from "./key-order.ts";
export type { Environment } from "./environment.ts";
export { type OpenOptions, openStore } from "./open.ts";
export { backOff, mostAttempts } from "./retry.ts";
