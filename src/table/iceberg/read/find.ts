import { OneCopyError } from "../../../base/index.ts";
import type { ObjectEntry, Store } from "../../../storage/index.ts";
import { keyIn } from "../../path.ts";

const file = /\.metadata\.json(\.gz)?$/;

/** Whether a key is one of a metadata file, rather than of a table's folder. */
export function isMetadataKey(key: string): boolean {
  return file.test(key) || /\.json(\.gz)?$/.test(key);
}

/**
 * The newest metadata file in a table's `metadata/` folder: the highest number, as `v12.metadata.json` (Hadoop tables,
 * with `version-hint.text`) or `00012-<uuid>.metadata.json` (tables of catalogs) say it. A catalog's own pointer is not
 * seen. Fails with `table.not_found`, and with `table.metadata_ambiguous` when several are the newest.
 */
export async function newestMetadataKey(store: Store, folder: string): Promise<string> {
  const prefix = keyIn(folder, "metadata/");
  let newest: { readonly version: number; readonly entries: ObjectEntry[] } | undefined;
  for await (const entry of store.list(prefix)) {
    const name = entry.key.slice(prefix.length);
    if (!file.test(name) || name.includes("/")) continue;
    const number = /^v?(\d{1,15})[.-]/.exec(name)?.[1];
    if (number === undefined) continue;
    const version = Number(number);
    if (newest === undefined || version > newest.version) newest = { version, entries: [entry] };
    else if (version === newest.version) newest.entries.push(entry);
  }
  if (newest === undefined)
    throw new OneCopyError("table.not_found", `There is no Iceberg table at ${store.url}${folder}.`, {
      remedy:
        "Check the address: it is the folder that holds metadata/ with files *.metadata.json, or the path of one such file.",
    });
  const { version, entries } = newest;
  if (entries.length === 1) return entries[0]!.key;
  const names = entries.map(({ key }) => key.slice(prefix.length));
  const hinted = names.filter((name) => name.startsWith(`v${version}.`));
  if (hinted.length === 1 && (await versionHint(store, prefix)) === version) return `${prefix}${hinted[0]!}`;
  throw new OneCopyError(
    "table.metadata_ambiguous",
    `${store.url}${prefix} has ${names.length} newest metadata files: ${names.slice(0, 5).join(", ")}.`,
    {
      remedy:
        "All but one belong to commits that were lost; only the table's catalog knows which. Mount the right file by its path.",
    },
  );
}

/** What writers without a catalog say is the newest version (spec, "File System Tables"). */
async function versionHint(store: Store, prefix: string): Promise<number | undefined> {
  const hint = await store.get(`${prefix}version-hint.text`, { offset: 0, length: 100 });
  return hint.kind === "found" ? Number(new TextDecoder().decode(hint.body).trim()) : undefined;
}
