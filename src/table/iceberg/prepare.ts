import { randomBytes } from "node:crypto";
import { newId } from "../../base/index.ts";
import type { Store } from "../../storage/index.ts";
import { elsewhere } from "../elsewhere.ts";
import { icebergLocation, keyIn } from "../path.ts";
import { putSurely } from "../put-surely.ts";
import { type IcebergChange, noDataChange } from "./change.ts";
import { type ManifestFile, writeManifestList } from "./manifest-list.ts";
import { manifestWriter } from "./manifest-writer.ts";
import { type TableMetadata, currentSnapshot, renderMetadata } from "./metadata.ts";
import { firstMetadata, nextMetadata, summarize, withoutHistory } from "./next-metadata.ts";
import { type ManifestWriter, addedManifests, nextManifests } from "./next-manifests.ts";
import { specOf } from "./partition.ts";

/** The Iceberg side of a version. */
export interface IcebergBase {
  readonly metadata: TableMetadata;
  readonly metadataKey: string;
  /** Of the current snapshot. */
  readonly manifests: readonly ManifestFile[];
}

export interface Prepared extends IcebergBase {
  /** What was written for this version alone, and is referred to by nothing until the commit. */
  readonly keys: readonly string[];
  /** The same of what another attempt could use too. */
  readonly addedKeys: readonly string[];
}

/** What outlives a lost race: the snapshot's id and the manifests of the files that come in. */
export interface Attempts {
  readonly snapshotId: bigint;
  added: { readonly manifests: readonly ManifestFile[]; readonly under: string } | undefined;
  /** Keys of these manifests. */
  keys: string[];
}

export function newAttempts(): Attempts {
  return { snapshotId: randomSnapshotId(), added: undefined, keys: [] };
}

/** Writes version `change.version`'s manifests, manifest list and metadata into `_iceberg/`. Nothing points at them yet. */
export async function prepareIceberg(
  store: Store,
  folder: string,
  tableId: string,
  base: IcebergBase | undefined,
  change: IcebergChange,
  attempts: Attempts = newAttempts(),
): Promise<Prepared> {
  const keys: string[] = [];
  const puts = new Puts(store);
  const put = async (name: string, body: Uint8Array | string, into: string[] = keys): Promise<string> => {
    const key = keyIn(folder, `_iceberg/${name}`);
    into.push(key);
    await puts.start(key, body);
    return key;
  };
  let metadata =
    base === undefined
      ? firstMetadata(icebergLocation(store, keyIn(folder, "x")).slice(0, -2), tableId, change)
      : nextMetadata(base.metadata, icebergLocation(store, base.metadataKey), change);
  let manifests = base?.manifests ?? [];
  const forgets = change.forgets === true;
  const { data = forgets ? { ...noDataChange, changesRows: false } : noDataChange, since = noDataChange } =
    change;
  if (change.data !== undefined || change.since !== undefined || forgets) {
    const snapshot = {
      id: attempts.snapshotId,
      parentId: base === undefined ? undefined : currentSnapshot(base.metadata)?.["snapshot-id"],
      sequenceNumber: metadata["last-sequence-number"] + 1n,
    };
    const writerInto = (into: string[]): ManifestWriter =>
      manifestWriter(store, metadata, snapshot, (name, body) => put(name, body, into));
    const { "spec-id": specId } = specOf(change.schema, change.partitionColumns, metadata["partition-specs"]);
    const under = JSON.stringify([metadata["current-schema-id"], specId]);
    if (attempts.added?.under !== under) {
      attempts.added = {
        manifests: await addedManifests(data, specId, snapshot.id, writerInto(attempts.keys)),
        under,
      };
    }
    const foreign = await addedManifests(since, specId, snapshot.id, writerInto(keys));
    const added = [...attempts.added.manifests, ...foreign].map((one) => ({
      ...one,
      sequence_number: snapshot.sequenceNumber,
      min_sequence_number: snapshot.sequenceNumber,
    }));
    const both = {
      added: [...data.added, ...since.added],
      removedPaths: new Set([...data.removedPaths, ...since.removedPaths]),
      deletes: [...data.deletes, ...since.deletes],
      changesRows: data.changesRows || change.since !== undefined,
      withoutBounds: data.withoutBounds,
    };
    const next = await nextManifests(store, folder, manifests, both, added, {
      snapshotId: snapshot.id,
      write: writerInto(keys),
      outside: elsewhere(store, change.properties),
      currentSpecId: specId,
      forgets,
      // What was taken in of a writer without pause is a race that is on: healing merges, and nobody wins against that.
      merges: change.since === undefined,
    });
    manifests = next.manifests;
    const list = await put(`snap-${snapshot.id}-${newId()}.avro`, writeManifestList(snapshot, manifests));
    const totals = {
      added: [...both.added, ...both.deletes],
      deleted: next.deleted,
      changesRows: both.changesRows,
    };
    metadata = summarize(metadata, change.timestampMs, snapshot, icebergLocation(store, list), totals);
    if (forgets) metadata = withoutHistory(metadata);
  }
  const name = `${String(change.version).padStart(5, "0")}-${newId()}.metadata.json`;
  const metadataKey = await put(name, renderMetadata(metadata));
  await puts.done();
  return { metadata, metadataKey, manifests, keys, addedKeys: attempts.keys };
}

const putsAtOnce = 4;

/** Puts that nothing refers to before all of them are done, so they need not wait for each other. */
class Puts {
  private readonly running = new Set<Promise<void>>();
  private failure: { readonly error: unknown } | undefined;

  constructor(private readonly store: Store) {}

  /** Waits only when several are under way. Fails when an earlier one failed. */
  async start(key: string, body: Uint8Array | string): Promise<void> {
    const one: Promise<void> = putSurely(this.store, key, body)
      .catch((error: unknown) => void (this.failure ??= { error }))
      .finally(() => this.running.delete(one));
    this.running.add(one);
    if (this.running.size >= putsAtOnce) await Promise.race(this.running);
    if (this.failure !== undefined) await this.done();
  }

  async done(): Promise<void> {
    await Promise.all(this.running);
    if (this.failure !== undefined) throw this.failure.error;
  }
}

/** Positive, and below 2^53, so that readers that take JSON numbers for doubles read it right. */
function randomSnapshotId(): bigint {
  return BigInt(1 + randomBytes(6).readUIntBE(0, 6) * 16 + (randomBytes(1)[0]! & 15));
}
