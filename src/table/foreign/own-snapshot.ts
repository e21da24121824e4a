import { newId } from "../../base/index.ts";
import type { Store } from "../../storage/index.ts";
import { type ManifestFile, writeManifestList } from "../iceberg/manifest-list.ts";
import { manifestWriter } from "../iceberg/manifest-writer.ts";
import { type IcebergSnapshot, type TableMetadata, currentSnapshot } from "../iceberg/metadata.ts";
import { type Totals, summaryOf } from "../iceberg/next-metadata.ts";
import type { ManifestWriter } from "../iceberg/next-manifests.ts";
import { icebergLocation, keyIn } from "../path.ts";
import { putSurely } from "../put-surely.ts";
import { noEqual } from "./refuse.ts";

/** The snapshot of a commit, while OneCopy gives it manifests of its own in place of some of the writer's. */
export interface OwnSnapshot {
  readonly id: bigint;
  readonly write: ManifestWriter;
  /**
   * The metadata with the snapshot when it has these manifests: it keeps its id. `totals`: what its summary is to count;
   * undefined when that is what the writer's says.
   */
  list(manifests: readonly ManifestFile[], totals: Totals | undefined): Promise<TableMetadata>;
}

/** `keys`: gets those of all objects that are written. */
export function ownSnapshot(
  store: Store,
  folder: string,
  before: TableMetadata | undefined,
  wanted: TableMetadata,
  { snapshots, parentId }: Steps,
  keys: string[],
): OwnSnapshot {
  const snapshot = currentSnapshot(wanted)!;
  const ids = { id: snapshot["snapshot-id"], parentId, sequenceNumber: snapshot["sequence-number"] };
  const put = async (name: string, body: Uint8Array): Promise<string> => {
    const key = keyIn(folder, `_iceberg/${name}`);
    keys.push(key);
    await putSurely(store, key, body);
    return key;
  };
  return {
    id: ids.id,
    write: manifestWriter(store, wanted, ids, put),
    list: async (manifests, totals) => {
      const list = await put(`snap-${ids.id}-${newId()}.avro`, writeManifestList(ids, manifests));
      const { "parent-snapshot-id": _, ...rest } = snapshot;
      const own: IcebergSnapshot = {
        ...(rest as IcebergSnapshot),
        ...(parentId === undefined ? {} : { "parent-snapshot-id": parentId }),
        "manifest-list": icebergLocation(store, list),
        summary: totals === undefined ? snapshot.summary : counted(before, snapshot, totals),
      };
      return { ...wanted, snapshots: snapshots.map((one) => (one["snapshot-id"] === ids.id ? own : one)) };
    },
  };
}

/** Spec, "Optional Snapshot Summary Fields": those that count files, rows and bytes. */
const counts = /^(added|removed|deleted|total|changed)-/;

function counted(
  before: TableMetadata | undefined,
  { summary }: IcebergSnapshot,
  totals: Totals,
): IcebergSnapshot["summary"] {
  const said = Object.entries(summary).filter(([key]) => !counts.test(key));
  const parent = (before && currentSnapshot(before)?.summary) ?? {};
  return { ...Object.fromEntries(said), ...summaryOf(parent, totals) };
}

/** The snapshots of the metadata, and which one is the current one's parent. */
export interface Steps {
  readonly snapshots: readonly IcebergSnapshot[];
  readonly parentId: bigint | undefined;
}

/**
 * What was current only between two steps of the commit was never so for anybody, and lists the writer's deletes:
 * the commit is one snapshot, as it is one version.
 */
export function withoutStepsBetween(
  before: TableMetadata | undefined,
  wanted: TableMetadata,
  current: IcebergSnapshot,
): Steps {
  const known = new Set(before?.snapshots.map((one) => one["snapshot-id"]));
  const isKept = (id: bigint): boolean => id === current["snapshot-id"] || known.has(id);
  const held = Object.entries(wanted.refs ?? {}).find(([, ref]) => !isKept(ref["snapshot-id"]));
  if (held !== undefined)
    throw noEqual(
      `${held[0]} names a step in the middle of the commit, which for Delta's readers is one version.`,
      "Commit the steps one by one.",
    );
  const parents = new Map(wanted.snapshots.map((one) => [one["snapshot-id"], one["parent-snapshot-id"]]));
  const seen = new Set<bigint>();
  let parent = current["parent-snapshot-id"];
  while (parent != null && !known.has(parent) && !seen.has(parent)) {
    seen.add(parent);
    parent = parents.get(parent);
  }
  return {
    snapshots: wanted.snapshots.filter((one) => isKept(one["snapshot-id"])),
    parentId: parent ?? undefined,
  };
}
