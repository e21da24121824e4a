import type { Store } from "../../storage/index.ts";
import { type TableMetadata, renderMetadata } from "../iceberg/metadata.ts";
import { icebergProperties } from "../iceberg/next-metadata.ts";
import { icebergLocation, keyIn } from "../path.ts";
import { identifyingColumns } from "../snapshot.ts";
import { adopt } from "./adopt.ts";
import { applyUpdates } from "./apply.ts";
import { put } from "./commit.ts";
import { mirroredMeta } from "./mirror.ts";
import { invalid } from "./refuse.ts";
import type { TableUpdate } from "./update.ts";

/**
 * Makes version 0 of a table as an Iceberg writer wants it, perhaps with rows, in a folder that has none. `conflict`:
 * there is a table. Fails as `commitIceberg` does.
 */
export async function createFromIceberg(
  store: Store,
  folder: string,
  updates: readonly TableUpdate[],
  options: { readonly filesOutside?: boolean } = {},
): Promise<"created" | "conflict"> {
  const wanted = newMetadata(updates);
  const adopted = await adopt(store, folder, undefined, wanted, {
    operation: "CREATE TABLE",
    filesOutside: options.filesOutside ?? false,
  });
  return (await put({ store, folder }, adopted)) === "committed" ? "created" : "conflict";
}

/** The metadata of a table that is not there yet, for a writer that adds rows before it makes it (`stage-create`). JSON text. */
export function stagedMetadata(store: Store, folder: string, updates: readonly TableUpdate[]): string {
  const location = icebergLocation(store, keyIn(folder, "x")).slice(0, -2);
  const wanted = { ...newMetadata(updates), location };
  const { meta } = mirroredMeta(undefined, wanted, folder, { stay: false, comeFromOutside: false });
  const identifying = identifyingColumns(meta.properties);
  return renderMetadata({ ...wanted, properties: icebergProperties(location, { ...meta, identifying }) });
}

function newMetadata(updates: readonly TableUpdate[]): TableMetadata {
  const metadata = applyUpdates(undefined, updates, Date.now());
  if (metadata["table-uuid"] === "") throw invalid("A new table needs a UUID (assign-uuid).");
  return metadata;
}
