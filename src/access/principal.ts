/** `recipient`: reads what shares grant. `admin`: reads every table and the admin API. */
export type PrincipalKind = "recipient" | "admin";

/** Who a request comes from, as its token proves. */
export interface Principal {
  readonly name: string;
  readonly kind: PrincipalKind;
  /** When the token that proved it ends. */
  readonly expiresAt: Date;
  /** The token's hash: it names the token to `principalOf`, and lets nobody in. */
  readonly tokenId: string;
  /** Its tokens may be used from any address; not so: what is given to it is looked at by OneCopy each time. */
  readonly anywhere: boolean;
  /** Namespaces that a recipient may write through the Iceberg catalog. */
  readonly writes: readonly string[];
}

/** What principals may be called: fit for a file name, a log line and a configuration key. */
export const PRINCIPAL_NAME = /^[A-Za-z0-9][A-Za-z0-9._@+-]{0,127}$/;
