import type { DeleteIndex, Scope } from "./deletes.ts";
import type { NameMapping } from "./name-mapping.ts";
import type { IdentityValue } from "./partition.ts";
import type { IcebergField } from "./type.ts";

/** What reading a foreign Iceberg table takes beyond a {@link Snapshot}. */
export interface IcebergContents {
  readonly fields: readonly IcebergField[];
  /** The paths to every field that any schema of the table has or had, from the top level down, by the field's id. */
  readonly paths: ReadonlyMap<number, readonly IcebergField[]>;
  readonly nameMapping: NameMapping | undefined;
  /** By its path in the table's folder. */
  readonly files: ReadonlyMap<string, IcebergFile>;
  readonly deletes: DeleteIndex;
}

export interface IcebergFile extends Scope {
  readonly path: string;
  readonly identity: ReadonlyMap<number, IdentityValue>;
}
