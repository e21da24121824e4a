export { type Sync, SyncsConfig } from "./config.ts";
export type { DefinitionAt, SyncDefinition } from "./definition.ts";
export { type Delivery, type DeliveryRequest, deliver } from "./deliver.ts";
export { LEDGER, type LedgerEntry, lastDeliveries } from "./ledger.ts";
