import type { Schema } from "../../schema/index.ts";
import type { DataFileRecord } from "./manifest.ts";

/** What a version changes, in Iceberg's words. */
export interface IcebergChange {
  readonly version: number;
  readonly timestampMs: number;
  readonly schema: Schema;
  readonly properties: Readonly<Record<string, string>>;
  readonly identifying: ReadonlySet<string>;
  /** `undefined`: the version changes no data (a schema change), and makes no Iceberg snapshot. */
  readonly data:
    | { readonly added: readonly DataFileRecord[]; readonly removedPaths: ReadonlySet<string> }
    | undefined;
}
