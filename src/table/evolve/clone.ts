import { randomUUID } from "node:crypto";
import { OneCopyError } from "../../base/index.ts";
import type { TableAccess } from "../access.ts";
import { metaOf } from "../commit/prepare-commit.ts";
import { isDoubtful } from "../commit/put-commit.ts";
import { commitFirst } from "../create.ts";
import { checkReadable } from "../delta/feature.ts";
import { replay } from "../delta/replay.ts";
import { cloneSources, propertyCloneSources } from "../elsewhere.ts";
import { keyIn } from "../path.ts";
import { putSurely } from "../put-surely.ts";
import type { CommitOutcome } from "../snapshot.ts";
import { filesAgain, refuseGone } from "./files-again.ts";

/**
 * A table in `folder` of the same store with the rows of a version of `source` (default: the newest), of which no file
 * is copied: both logs name those of the source by their absolute addresses. What is written to the clone lies in its
 * own folder. delta-rs, DuckDB and Polars cannot read the Delta side (FORMATS.md, rule 6); the Iceberg side is read by
 * all. A marker in the source says that there is a clone: what it uses is not vacuumed. It is put first, so that a
 * crash leaves at most a marker of a clone that there is not. Fails with `table.version_not_found`, `table.files_gone`
 * or `table.clone_in_itself`.
 */
export async function cloneTable(
  source: TableAccess,
  folder: string,
  version: number | undefined,
): Promise<CommitOutcome> {
  const { store } = source;
  if (folder === source.folder)
    throw new OneCopyError("table.clone_in_itself", `${folder} cannot be a clone of itself.`, {
      remedy: "Choose another folder.",
    });
  const there = await replay(store, folder);
  if (there !== undefined) return { kind: "conflict", winner: there.version, reason: "the table exists" };
  const marked = await source.state();
  const sources = [source.folder, ...cloneSources(marked.metaData.configuration)];
  const markers = await mark(store, sources, folder);
  try {
    const outcome = await commitClone(source, folder, version, sources);
    if (outcome.kind !== "committed") await remove(store, markers);
    return outcome;
  } catch (error) {
    if (!isDoubtful(error)) await remove(store, markers);
    throw error;
  }
}

async function commitClone(
  source: TableAccess,
  folder: string,
  version: number | undefined,
  sources: readonly string[],
): Promise<CommitOutcome> {
  const { store } = source;
  // Read after the marker: what is in the table now stays for the clone.
  const newest = await source.state();
  const state = version === undefined ? newest : await source.stateAt(version);
  const files = [...(await state.files())];
  checkReadable(source.folder, state.protocol, state.metaData);
  if (state !== newest) await refuseGone(source, state, newest, files);
  const then = metaOf(source.folder, state, await source.iceberg(state));
  const meta = {
    ...then,
    properties: { ...then.properties, [propertyCloneSources]: JSON.stringify(sources) },
  };
  const { adds, keys } = await filesAgain(
    source,
    folder,
    files,
    meta,
    (path) => `/${keyIn(source.folder, path)}`,
  );
  const outcome = await commitFirst(store, folder, {
    operation: "CLONE",
    parameters: { source: source.folder, sourceVersion: String(state.version), isShallow: "true" },
    meta,
    before: state.protocol,
    data: adds.length === 0 ? undefined : { adds, removes: [], deletes: [], changesRows: true },
  });
  if (outcome.kind !== "committed") await remove(store, keys);
  return outcome;
}

/** `_iceberg/clone/<uuid>.json` in each folder whose files the clone uses: `{"store": url, "folder": key}`. */
async function mark(
  store: TableAccess["store"],
  sources: readonly string[],
  folder: string,
): Promise<string[]> {
  const id = randomUUID();
  const keys = sources.map((source) => keyIn(source, `_iceberg/clone/${id}.json`));
  const body = `${JSON.stringify({ store: store.url, folder })}\n`;
  for (const key of keys) await putSurely(store, key, body);
  return keys;
}

async function remove(store: TableAccess["store"], keys: readonly string[]): Promise<void> {
  for (const key of keys) await store.delete(key).catch(() => undefined);
}
