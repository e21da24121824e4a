import type { AccessLog, Gate, Shares, SigningKey } from "../access/index.ts";
import type { Clock } from "../base/index.ts";
import type { Catalog } from "../catalog/index.ts";
import type { SegmentsConfig } from "../segment/index.ts";
import type { Store } from "../storage/index.ts";
import type { ClientAddress } from "./client-address.ts";

/** What both protocols of the Bridge work with. */
export interface BridgeContext {
  readonly lake: Store;
  /** Lets requests in, by their tokens. */
  readonly gate: Gate;
  readonly accessLog: AccessLog;
  /** Signs what comes back to any server of the same state. */
  readonly signingKey: SigningKey;
  readonly clientAddress: ClientAddress;
  readonly catalog: Catalog;
  /** The shares as they are at this moment; asked for at every request, so that a revocation takes effect. */
  readonly shares: () => Promise<Shares>;
  /** The segments as they are at this moment. */
  readonly segments: () => Promise<LiveSegments>;
  readonly clock: Clock;
  /** The address by which clients reach the server, without a slash at the end; default: the one they just used. */
  readonly publicUrl?: string;
  /** What Iceberg engines may commit beside the usual: see `catalog.files_outside` of the configuration. */
  readonly icebergWrites?: { readonly filesOutside: boolean };
  /** Gets what went wrong inside; the client gets no details. */
  readonly onError: (error: unknown) => void;
}

/** The segments that a revision has. */
export interface LiveSegments {
  readonly segments: SegmentsConfig;
  readonly revision: number;
  /** When the revision was made. */
  readonly changedAtMs: number;
  /** The name that this catalog has in Trino. */
  readonly trinoName: string;
}
