import type { Store } from "../../storage/index.ts";
import { type ManifestBody, liveEntries, manifestBodies } from "../iceberg/live.ts";
import { type DataFileRecord, contentData } from "../iceberg/manifest.ts";
import type { ManifestFile } from "../iceberg/manifest-list.ts";
import { ownSpelling } from "../path.ts";

/** A file as a manifest of some partition spec tells of it, its locations in OneCopy's spelling. */
export interface Told {
  readonly file: DataFileRecord;
  readonly specId: number;
  readonly sequenceNumber: bigint;
  /** The manifest spells its location in another way. */
  readonly isRespelled: boolean;
}

/** What a snapshot has that another has not, and the other way round. */
export interface Difference {
  readonly added: readonly Told[];
  readonly removed: readonly Told[];
  /** The same of files with deleted rows. */
  readonly addedDeletes: readonly Told[];
  readonly removedDeletes: readonly Told[];
}

/** Only manifests that are in one of the two lists are read: an append to a large table costs what it adds. */
export async function differenceOf(
  store: Store,
  folder: string,
  before: readonly ManifestFile[],
  after: readonly ManifestFile[],
): Promise<Difference> {
  const [was, is] = [before, after].map((list) => new Set(list.map((one) => one.manifest_path)));
  const [gone, come] = await Promise.all([
    filesIn(
      store,
      folder,
      before.filter((one) => !is!.has(one.manifest_path)),
    ),
    filesIn(
      store,
      folder,
      after.filter((one) => !was!.has(one.manifest_path)),
    ),
  ]);
  const added = [...come].filter(([key]) => !gone.has(key)).map(([, told]) => told);
  const removed = [...gone].filter(([key]) => !come.has(key)).map(([, told]) => told);
  const isData = ({ file }: Told): boolean => (file.content ?? contentData) === contentData;
  return {
    added: added.filter(isData),
    removed: removed.filter(isData),
    addedDeletes: added.filter((told) => !isData(told)),
    removedDeletes: removed.filter((told) => !isData(told)),
  };
}

async function filesIn(
  store: Store,
  folder: string,
  manifests: readonly ManifestFile[],
): Promise<Map<string, Told>> {
  const files = new Map<string, Told>();
  for await (const manifest of manifestBodies(store, folder, manifests))
    for (const told of await filesToldBy(manifest))
      files.set(`${told.file.content ?? contentData} ${told.file.file_path}`, told);
  return files;
}

/** The files that a manifest says are in the table. */
export async function filesToldBy(manifest: ManifestBody): Promise<Told[]> {
  const specId = manifest.manifest.partition_spec_id;
  return (await liveEntries(manifest)).map(({ data_file: said, sequence_number: sequence }) => {
    const file = respelled(said);
    const isRespelled = file.file_path !== said.file_path;
    return { file, specId, sequenceNumber: sequence ?? 0n, isRespelled };
  });
}

export function respelled(file: DataFileRecord): DataFileRecord {
  const about = file.referenced_data_file;
  return {
    ...file,
    file_path: ownSpelling(file.file_path),
    ...(about == null ? {} : { referenced_data_file: ownSpelling(about) }),
  };
}
