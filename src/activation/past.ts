import { OneCopyError } from "../base/index.ts";
import type { Catalog } from "../catalog/index.ts";
import type { Snapshot } from "../table/index.ts";
import { type DefinitionAt, hashOf } from "./definition.ts";
import type { LedgerEntry } from "./ledger.ts";
import type { Members } from "./members.ts";

export type Past =
  | { readonly kind: "readable"; readonly members: Members }
  /** `why`: in plain words. */
  | { readonly kind: "gone"; readonly why: string };

/**
 * What an entry of the ledger sent, or was going to send, found again: the rule of its revision on the table's version
 * of then. It is gone when the table was replaced, when the version or one of its files was cleaned up, or when no
 * revision holds that rule any more.
 */
export async function recall(
  entry: LedgerEntry,
  catalog: Catalog,
  definitionAt: DefinitionAt,
  present: number,
): Promise<Past> {
  const { table_name: name, table_version: version } = entry;
  const table = await catalog.find(name);
  if (table === undefined) return { kind: "gone", why: `the table ${name} is not there any more` };
  let snapshot: Snapshot;
  try {
    snapshot = await table.snapshot(version);
  } catch (error) {
    if (error instanceof OneCopyError && error.code === "table.version_not_found")
      return { kind: "gone", why: `version ${version} of ${name} was cleaned up` };
    throw error;
  }
  if (snapshot.tableId !== entry.table_id) return { kind: "gone", why: `${name} was dropped and made again` };
  if (!(await hasAllFiles(snapshot)))
    return { kind: "gone", why: `files of version ${version} of ${name} were cleaned up` };
  // The present revision may well hold the same definition, and is there even when older ones are lost.
  for (const revision of new Set([present, entry.revision])) {
    const definition = await definitionAt(revision);
    if (definition !== undefined && hashOf(definition) === entry.rule)
      return { kind: "readable", members: { definition, snapshot, asOf: entry.as_of } };
  }
  return { kind: "gone", why: `revision ${entry.revision} does not hold the rule any more` };
}

const CHECKED_AT_ONCE = 16;

async function hasAllFiles({ store, folder, files: set }: Snapshot): Promise<boolean> {
  const files = [...set];
  for (let i = 0; i < files.length; i += CHECKED_AT_ONCE) {
    const heads = await Promise.all(
      files
        .slice(i, i + CHECKED_AT_ONCE)
        .map(({ path }) => store.head(folder === "" ? path : `${folder}/${path}`)),
    );
    if (heads.some(({ kind }) => kind === "absent")) return false;
  }
  return true;
}
