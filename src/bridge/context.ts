import type { SharesConfig } from "../access/index.ts";
import type { Clock } from "../base/index.ts";
import type { Catalog } from "../catalog/index.ts";
import type { Store } from "../storage/index.ts";

/** What both protocols of the Bridge work with. */
export interface BridgeContext {
  readonly lake: Store;
  /** Where tokens are looked up. */
  readonly state: Store;
  readonly catalog: Catalog;
  /** The shares as they are configured at this moment; asked for at every request, so that a revocation takes effect. */
  readonly shares: () => Promise<SharesConfig>;
  readonly clock: Clock;
  /** The address by which clients reach the server, without a slash at the end; default: the one they just used. */
  readonly publicUrl?: string;
  /** What Iceberg engines may commit beside the usual: see `catalog.files_outside` of the configuration. */
  readonly icebergWrites?: { readonly filesOutside: boolean };
  /** Gets what went wrong inside; the client gets no details. */
  readonly onError: (error: unknown) => void;
}
