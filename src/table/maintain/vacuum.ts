import { OneCopyError, newId } from "../../base/index.ts";
import type { TableAccess } from "../access.ts";
import { filesOutside } from "../elsewhere.ts";
import { keyIn } from "../path.ts";
import { expireSnapshots } from "./expire.ts";
import { expiredSnapshots } from "./expired-snapshots.ts";
import { type InventoryObject, type ObjectKind, inventoryOf } from "./inventory.ts";
import { defaultGraceMs, keptVersionsOf, storeNow } from "./kept.ts";
import { writeMark } from "./mark.ts";
import { type Reach, reachOf } from "./reach.ts";

export interface VacuumOptions {
  /** Nothing is changed. */
  readonly dryRun?: boolean | undefined;
  /** By the store's clock; default: asked for. */
  readonly nowMs?: number | undefined;
  /** What nobody names stays for so long, since a write may be under way that needs it; default 7 days. */
  readonly graceMs?: number | undefined;
  /** Called for each object that goes, or would. */
  readonly onObject?: ((object: InventoryObject) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface VacuumOutcome {
  /** The versions from this one on stay readable in both formats. */
  readonly oldestVersion: number;
  readonly newestVersion: number;
  readonly deleted: readonly {
    readonly kind: ObjectKind;
    readonly objects: number;
    readonly sizeBytes: number;
  }[];
  /** Iceberg snapshots that the metadata no longer lists. */
  readonly expiredSnapshots: number;
  /** Objects that nobody names and that are too young to be sure. */
  readonly waiting: number;
  /** Data files of the newest version that lie outside the lake: none such is ever deleted. */
  readonly outside: number;
  /** Why data files stay although nobody seems to need them. */
  readonly blocked?: string | undefined;
}

/** Whatever refers to others goes before them, so that a crash in between leaves nothing that leads nowhere. */
const passes: readonly { readonly under: string; readonly kinds: readonly ObjectKind[] }[] = [
  { under: "_iceberg/", kinds: ["iceberg-pointer", "iceberg-metadata"] },
  { under: "_iceberg/", kinds: ["manifest"] },
  { under: "", kinds: ["delete-file", "deletion-vector", "data", "clone-marker", "mark"] },
];
const deletesAtOnce = 32;

/**
 * Deletes what no kept version of either format reaches, nor a clone, nor a write under way. Snapshots of versions that
 * are kept no longer leave the Iceberg metadata first, by one commit. The Delta log itself is not touched.
 */
export async function vacuum(table: TableAccess, options: VacuumOptions = {}): Promise<VacuumOutcome> {
  const { store, folder } = table;
  const { dryRun = false, graceMs = defaultGraceMs } = options;
  const clock =
    options.nowMs ??
    (dryRun ? Date.now() : await storeNow(store, keyIn(folder, `_iceberg/maintain/${newId()}.json`)));
  const reach = await reachOf(await keptVersionsOf(store, folder, clock), { nowMs: clock, graceMs });
  const due = dueSnapshots(reach, clock);
  const expired = dryRun ? undefined : await expireSnapshots(table, reach.kept.newest, due);
  if (expired?.kind === "conflict")
    throw new OneCopyError(
      "table.vacuum_failed",
      `Snapshots of ${folder} could not be expired: ${expired.reason}.`,
      {
        remedy: "Try again; nothing was deleted.",
      },
    );
  const now =
    expired === undefined
      ? reach
      : await reachOf(await keptVersionsOf(store, folder, clock), { nowMs: clock, graceMs });
  const deleted = await sweep(now, ({ modifiedMs }) => modifiedMs <= clock - graceMs, dryRun, options);
  const { oldest, newest } = now.kept;
  if (!dryRun) await writeMark(store, folder, { oldest, atMs: clock });
  return {
    oldestVersion: oldest,
    newestVersion: newest.version,
    ...deleted,
    outside: filesOutside(await newest.files()),
    expiredSnapshots: dryRun || expired !== undefined ? due.size : 0,
    ...(now.unknownClones.length === 0 ? {} : { blocked: blockedBy(now.unknownClones) }),
  };
}

/** Of versions that are kept no longer, or of which a file is gone (a foreign VACUUM looks at the Delta log only). */
function dueSnapshots({ kept, iceberg, broken }: Reach, nowMs: number): Set<bigint> {
  const { metadata, snapshots } = iceberg;
  if (metadata === undefined) return new Set();
  const whole = new Set(snapshots.map((one) => one["snapshot-id"]));
  for (const one of broken) whole.delete(one["snapshot-id"]);
  const listed = metadata.snapshots.map((one) => one["snapshot-id"]);
  const due = new Set([
    ...listed.filter((id) => !whole.has(id)),
    ...expiredSnapshots(metadata, kept.retention, nowMs),
  ]);
  if (metadata["current-snapshot-id"] != null) due.delete(metadata["current-snapshot-id"]);
  return due;
}

/** Deletes what nobody needs and what may go besides. */
export async function sweep(
  reach: Reach,
  mayGo: (object: InventoryObject) => boolean,
  dryRun: boolean,
  { onObject, signal }: VacuumOptions,
): Promise<Pick<VacuumOutcome, "deleted" | "waiting">> {
  const { store } = reach.kept;
  const counts = new Map<ObjectKind, { kind: ObjectKind; objects: number; sizeBytes: number }>();
  let waiting = 0;
  for (const { under, kinds } of passes) {
    let batch: InventoryObject[] = [];
    const flush = async (): Promise<void> => {
      if (!dryRun) await Promise.all(batch.map(({ key }) => store.delete(key)));
      batch = [];
    };
    for await (const object of inventoryOf(reach, under)) {
      signal?.throwIfAborted();
      if (object.use !== "nobody" || !kinds.includes(object.kind)) continue;
      if (!mayGo(object) || isHeld(reach, object)) {
        waiting++;
        continue;
      }
      const count = counts.get(object.kind) ?? { kind: object.kind, objects: 0, sizeBytes: 0 };
      counts.set(object.kind, {
        ...count,
        objects: count.objects + 1,
        sizeBytes: count.sizeBytes + object.sizeBytes,
      });
      onObject?.(object);
      batch.push(object);
      if (batch.length >= deletesAtOnce) await flush();
    }
    await flush();
  }
  return { deleted: [...counts.values()], waiting };
}

/** Which data files a clone uses that cannot be read is not known. */
function isHeld({ unknownClones }: Reach, { kind }: InventoryObject): boolean {
  return unknownClones.length > 0 && (kind === "data" || kind === "deletion-vector");
}

function blockedBy(clones: readonly string[]): string {
  return `data files stay, since a clone that uses them cannot be read, or is being made: ${clones.join(", ")}`;
}
