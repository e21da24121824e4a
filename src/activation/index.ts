export { type Sync, SyncsConfig } from "./config.ts";
export type { DefinitionAt, SyncDefinition } from "./definition.ts";
export { deliver } from "./deliver.ts";
export type { Delivery, DeliveryRequest } from "./delivery.ts";
export { LEDGER, type LedgerEntry, deliveryFolders, lastDeliveries } from "./ledger.ts";
export { syncStaleness } from "./plan.ts";
