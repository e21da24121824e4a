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
export { compareKeys } from "./key-order.ts";
export { type OpenOptions, openStore } from "./open.ts";
