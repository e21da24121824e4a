import { OneCopyError } from "../../../base/index.ts";

/** What would be misread is refused by its name. */
export function unsupported(where: string, what: string, remedy: string): OneCopyError {
  return new OneCopyError("table.iceberg_feature_unsupported", `${where}: ${what} is not supported.`, {
    remedy,
  });
}

/** The metadata of an Iceberg table says something that cannot be. */
export function damaged(where: string, what: string, cause?: unknown): OneCopyError {
  return new OneCopyError("table.metadata_damaged", `${where}: ${what}.`, {
    remedy: "Read an older metadata file or snapshot, or restore the file from a backup of the table.",
    ...(cause === undefined ? {} : { cause }),
  });
}

/** A manifest or manifest list says something that cannot be. */
export function manifestDamaged(name: string, what: string, cause?: unknown): OneCopyError {
  return new OneCopyError("table.manifest_damaged", `${name}: ${what}.`, {
    remedy: "Restore the file from a backup of the table, or read an older snapshot.",
    ...(cause === undefined ? {} : { cause }),
  });
}
