import { OneCopyError } from "../../base/index.ts";
import type { Store } from "../../storage/index.ts";
import type { IcebergSide } from "../access.ts";
import { checkReadable } from "../delta/feature.ts";
import { readCommits } from "../delta/read-commits.ts";
import type { LogState } from "../delta/replay.ts";
import { isMapped, schemaFromDelta } from "../delta/schema.ts";
import { type Elsewhere, elsewhere } from "../elsewhere.ts";
import { decodePath, keyIn } from "../path.ts";
import { withIcebergIds } from "../iceberg/known-ids.ts";
import { liveFiles } from "../iceberg/live.ts";
import { specOf } from "../iceberg/partition.ts";
import { type Prepared, prepareIceberg } from "../iceberg/prepare.ts";
import { type DataFile, type IcebergPointer, identifyingColumns } from "../snapshot.ts";
import { type Target, type Touched, converted, filesThatCome } from "./convert.ts";
import { checkFieldIds } from "./field-ids.ts";
import { isVacuum, putLostVectorsBack } from "./lost-vectors.ts";
import { putUntilKnown } from "../put-surely.ts";
import { newestPointer, pointerKey, readPointer } from "./pointer.ts";
import { readSide } from "./side.ts";
import { stateAt } from "./state-at.ts";
import { versionsToHeal } from "./versions.ts";

/** Why the Iceberg side stays behind: the first version that it cannot hold. */
export interface Blocked {
  readonly version: number;
  readonly code: string;
  readonly reason: string;
}

/** What there is after healing; `blocked`: why the Iceberg side stays behind. */
export interface Healed {
  readonly iceberg: IcebergPointer | undefined;
  readonly blocked: Blocked | undefined;
}

export interface HealOutcome {
  /** The newest Iceberg side; `undefined` only when no version of a foreign table could be converted. */
  readonly side: IcebergSide | undefined;
  readonly blocked: Blocked | undefined;
}

/**
 * So many versions get an Iceberg side of their own. Version by version, healing is slower than writers that commit without pause, and
 * falls behind further with each look: so when more have come together, the newest alone gets one, with the rows of all.
 */
const mostByThemselves = 50;

/**
 * Brings the Iceberg side up to `state`, version by version: each foreign Delta version gets Iceberg metadata and
 * a pointer to it, unless another healer was first: then that one's is taken. No Delta version is made. A version
 * that Iceberg cannot hold is left out, and with it those after it until one can be held again.
 */
export async function heal(
  store: Store,
  folder: string,
  state: LogState,
  known?: { readonly side: IcebergSide; readonly state: LogState },
): Promise<HealOutcome> {
  const newest = await newestPointer(store, folder, state);
  let side =
    newest === undefined
      ? undefined
      : known?.side.metadataKey === newest.metadataKey
        ? known.side
        : await readSide(store, folder, newest);
  let newestBlocked: Blocked | undefined;
  if (side !== undefined && state.version - side.version > mostByThemselves) {
    const shown = await stateAt(store, folder, side.version, known?.state);
    try {
      return { side: await healVersion(store, folder, state, side, shown), blocked: undefined };
    } catch (error) {
      newestBlocked = blockedBy(state.version, error);
    }
  }
  let blocked: Blocked | undefined;
  let behind: LogState | undefined;
  let tried = 0;
  for await (const { at, before } of versionsToHeal(store, folder, state, side?.version, known?.state)) {
    // The newest cannot be held: of the others so many at a time.
    if (newestBlocked !== undefined && ++tried > mostByThemselves) break;
    behind ??= before;
    try {
      side = await healVersion(store, folder, at, side, behind);
      behind = at;
      blocked = undefined;
    } catch (error) {
      blocked ??= blockedBy(at.version, error);
    }
  }
  return { side, blocked: blocked ?? newestBlocked };
}

const cannotHold =
  /^(schema\.|table\.((delta|iceberg)_feature_unsupported|partition_value|path_outside|deletion_vector|field_ids_differ))/;

/** What says that a version is not to be had in Iceberg, now or later; anything else is a failure of the moment, and thrown on. */
export function blockedBy(version: number, error: unknown): Blocked {
  if (!(error instanceof OneCopyError) || !cannotHold.test(error.code)) throw error;
  return { version, code: error.code, reason: error.message };
}

/** Gives a version its Iceberg side; `behind`: the version that `side` shows. Whoever put a pointer to it first is taken. */
export async function healVersion(
  store: Store,
  folder: string,
  state: LogState,
  side: IcebergSide | undefined,
  behind: LogState | undefined,
): Promise<IcebergSide> {
  const { version } = state;
  if (isVacuum(state)) await putLostVectorsBack(store, folder, state);
  const { prepared, keys } = await prepareVersion(store, folder, state, side, behind);
  const discard = async (): Promise<void> => {
    for (const key of [...prepared.keys, ...prepared.addedKeys, ...keys])
      await store.delete(key).catch(() => undefined);
  };
  // Versions that are left out may have got an Iceberg side meanwhile: readers have been given it, and are to find it again.
  const newer = side && version > side.version + 1 ? await newestPointer(store, folder, state) : undefined;
  if (newer !== undefined && newer.version > side!.version) {
    await discard();
    const shown = await readSide(store, folder, newer);
    if (newer.version === version) return shown;
    return await healVersion(store, folder, state, shown, await stateAt(store, folder, newer.version));
  }
  const path = prepared.metadataKey.slice(keyIn(folder, "x").length - 1);
  const pointer = await putPointer(store, folder, version, path);
  if (pointer.metadataKey === prepared.metadataKey) return { ...prepared, version };
  await discard();
  return await readSide(store, folder, pointer);
}

/** Writes Iceberg metadata for a version; nothing points to it. Without `side` it knows of no earlier one. `keys`: delete files. */
export async function prepareVersion(
  store: Store,
  folder: string,
  state: LogState,
  side: IcebergSide | undefined,
  behind: LogState | undefined,
): Promise<{ readonly prepared: Prepared; readonly keys: readonly string[] }> {
  const { version, metaData } = state;
  const { target, files } = await convertible(store, folder, state, side, behind);
  const { change, keys } = await converted(store, folder, files, target);
  const prepared = await prepareIceberg(store, folder, metaData.id, side, {
    version,
    timestampMs: state.timestampMs,
    schema: target.schema,
    partitionColumns: metaData.partitionColumns,
    keepsPartitions:
      JSON.stringify(metaData.partitionColumns) === JSON.stringify(behind?.metaData.partitionColumns),
    properties: metaData.configuration,
    identifying: identifyingColumns(metaData.configuration),
    data: change,
  });
  return { prepared, keys };
}

/** What is to be converted of a version, after what speaks against it was looked at: features, types, field ids. */
export async function convertible(
  store: Store,
  folder: string,
  state: LogState,
  side: IcebergSide | undefined,
  behind: LogState | undefined,
): Promise<{ readonly target: Target; readonly files: readonly Touched[] }> {
  checkReadable(folder, state.protocol, state.metaData);
  const target = targetOf(folder, state, side);
  const files = [...(await touchedSince(store, folder, state, side, behind))];
  await checkFieldIds(store, folder, state, {
    schema: target.schema,
    before: side?.metadata,
    added: filesThatCome(files),
  });
  return { target, files };
}

/** Lost, or not known: whatever stands there then counts, for everybody. */
async function putPointer(
  store: Store,
  folder: string,
  version: number,
  path: string,
): Promise<IcebergPointer> {
  const body = `${JSON.stringify({ iceberg: path })}\n`;
  await putUntilKnown(store, pointerKey(folder, version), body, { ifAbsent: true });
  const pointer = await readPointer(store, folder, version);
  if (pointer !== undefined) return pointer;
  throw new OneCopyError(
    "table.heal_failed",
    `Whether the pointer of version ${version} of ${folder} was written could not be found out.`,
    { remedy: "Try again; nothing was changed." },
  );
}

/** How a version's files are to be written in Iceberg's words, given the ids and specs that Iceberg knows. */
function targetOf(folder: string, state: LogState, side: IcebergSide | undefined): Target {
  const { schemaString, configuration, partitionColumns } = state.metaData;
  const { idsAreWritten: _, ...delta } = schemaFromDelta(folder, schemaString, configuration);
  const schema = side === undefined ? delta : withIcebergIds(delta, side.metadata, isMapped(configuration));
  const spec = specOf(schema, partitionColumns, side?.metadata["partition-specs"] ?? []);
  return { schema, spec, properties: configuration };
}

/** The files that differ between the Iceberg side and a version: by the commits in between, or by both lists where those are gone. */
async function touchedSince(
  store: Store,
  folder: string,
  state: LogState,
  side: IcebergSide | undefined,
  behind: LogState | undefined,
): Promise<Iterable<Touched>> {
  const after = await state.files();
  if (side === undefined) return [...after].map((file) => ({ before: undefined, after: file }));
  if (behind === undefined) return await differing(store, folder, state, side);
  const before = await behind.files();
  return touchedBy(
    await readCommits(store, folder, behind.version + 1, state.version),
    (path) => before.get(path),
    (path) => after.get(path),
    elsewhere(store, state.metaData.configuration),
  );
}

function* touchedBy(
  commits: Awaited<ReturnType<typeof readCommits>>,
  before: (path: string) => DataFile | undefined,
  after: (path: string) => DataFile | undefined,
  outside: Elsewhere,
): Iterable<Touched> {
  const paths = new Set(
    commits.flatMap(({ actions }) => [
      ...actions.removes.map(({ path }) => decodePath(path, outside)),
      ...actions.adds.map(({ path }) => decodePath(path, outside)),
    ]),
  );
  for (const path of paths) yield { before: before(path), after: after(path) };
}

/** Every file that either side has. One whose rows were deleted is looked at again: the manifests do not say by which vector. */
async function differing(
  store: Store,
  folder: string,
  state: LogState,
  side: IcebergSide,
): Promise<Touched[]> {
  const after = await state.files();
  const outside = elsewhere(store, state.metaData.configuration);
  const known = await liveFiles(store, folder, side.manifests, outside);
  const gone = [...known.values()].filter(({ path }) => after.get(path) === undefined);
  return [
    ...gone.map((file) => ({ before: file, after: undefined })),
    ...[...after].flatMap((file) => {
      const before = known.get(file.path);
      const same = before?.deletionVector === undefined && file.deletionVector === undefined;
      return before !== undefined && same ? [] : [{ before, after: file }];
    }),
  ];
}
