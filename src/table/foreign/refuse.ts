import { OneCopyError } from "../../base/index.ts";

/** What a client asks for makes no sense: it names what is not there, or goes back. */
export function invalid(message: string, remedy?: string): OneCopyError {
  return new OneCopyError("table.iceberg_update_invalid", message, remedy === undefined ? {} : { remedy });
}

/** What a client asks for is right on a table that has moved on meanwhile: it is to look again. */
export function stale(message: string): OneCopyError {
  return new OneCopyError("table.iceberg_update_stale", message);
}

/** What Iceberg can say and Delta cannot, so that readers of the two would see different tables. */
export function noEqual(message: string, remedy: string): OneCopyError {
  return new OneCopyError("table.iceberg_no_equal", message, { remedy });
}
