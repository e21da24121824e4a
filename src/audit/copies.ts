import { stat } from "node:fs/promises";
import { userInfo } from "node:os";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type Workspace, mountSnapshots } from "../run/index.ts";
import { measureFolder, measureGlob } from "./measure.ts";
import { type LakeInventory, takeInventory } from "./inventory.ts";

/** One place where customers' data, or what OneCopy keeps, is stored. */
export interface Copy {
  readonly what: string;
  readonly location: string;
  /**
   * `original`: where the records come from, used in place or loaded once; `lake`: in the owner's storage root;
   * `destination`: sent out by a sync; `temporary`: spilled by the engine, wiped at exit; `rules`: OneCopy's state.
   */
  readonly kind: "original" | "lake" | "destination" | "temporary" | "rules";
  readonly storageOwner: string;
  readonly insideLake: boolean;
  readonly files: number;
  readonly sizeBytes: number;
  readonly reason: string;
}

export interface CopyLedger {
  readonly copies: readonly Copy[];
  readonly inventory: LakeInventory;
}

/** Every copy that exists now, measured by listing the storage. */
export async function listCopies(workspace: Workspace): Promise<CopyLedger> {
  const { project } = workspace;
  const lakeOwner = await ownerOf(project.lake.url);
  const inventory = await takeInventory(workspace);
  const inLake = (part: {
    what: string;
    location: string;
    files: number;
    sizeBytes: number;
    reason: string;
    rules?: boolean;
  }): Copy => ({
    what: part.what,
    location: part.location,
    kind: part.rules === true ? "rules" : "lake",
    storageOwner: lakeOwner,
    insideLake: true,
    files: part.files,
    sizeBytes: part.sizeBytes,
    reason: part.reason,
  });
  return {
    inventory,
    copies: [
      ...(await originals(workspace)),
      ...inventory.parts.map(inLake),
      ...(await stateElsewhere(workspace)),
      ...(await destinations(workspace)),
      await spill(workspace),
    ],
  };
}

async function originals(workspace: Workspace): Promise<Copy[]> {
  const { project, revision } = workspace;
  const mounts = await mountSnapshots(project, revision);
  const mounted = mounts.map(async ({ name, snapshot }): Promise<Copy> => {
    const location = snapshot.store.locate(snapshot.folder);
    return {
      what: `source ${name} (mount)`,
      location,
      kind: "original",
      storageOwner: await ownerOf(location),
      insideLake: false,
      files: snapshot.files.length,
      sizeBytes: snapshot.files.reduce((sum, file) => sum + file.sizeBytes, 0),
      reason: "read in place, never copied",
    };
  });
  const drops = Object.entries(revision.config.sources).flatMap(([name, source]) =>
    "files" in source ? [dropped(project.folder, name, source.files)] : [],
  );
  return Promise.all([...drops, ...mounted]);
}

async function dropped(folder: string, name: string, glob: string): Promise<Copy> {
  return {
    what: `source ${name} (file drop)`,
    location: resolve(folder, glob),
    kind: "original",
    storageOwner: await ownerOf(resolve(folder, glob.split(/[*?[{]/)[0] ?? "")),
    insideLake: false,
    ...(await measureGlob(folder, glob)),
    reason: `loaded once into raw.${name}; the files may be deleted afterwards`,
  };
}

async function destinations({ project, revision }: Workspace): Promise<Copy[]> {
  const folders = new Map<string, string[]>();
  for (const [name, sync] of Object.entries(revision.config.syncs)) {
    const folder = resolve(project.folder, sync.destination.folder);
    folders.set(folder, [...(folders.get(folder) ?? []), name]);
  }
  return Promise.all(
    [...folders].map(async ([folder, syncs]) => ({
      what: `what ${syncs.map((sync) => `sync ${sync}`).join(" and ")} sent`,
      location: folder,
      kind: "destination" as const,
      storageOwner: await ownerOf(folder),
      insideLake: false,
      ...(await measureFolder(folder)),
      reason: "the configuration asks for it; it belongs to the destination",
    })),
  );
}

async function spill({ project, revision }: Workspace): Promise<Copy> {
  const folder = resolve(project.folder, revision.config.engine.spill);
  return {
    what: "temporary files of the engine",
    location: folder,
    kind: "temporary",
    storageOwner: await ownerOf(folder),
    insideLake: false,
    ...(await measureFolder(folder)),
    reason: "queries larger than memory spill here; wiped at start and exit",
  };
}

async function stateElsewhere({ project }: Workspace): Promise<Copy[]> {
  if (project.state.url.startsWith(project.lake.url)) return [];
  let files = 0;
  let sizeBytes = 0;
  for await (const entry of project.state.list("")) {
    files += 1;
    sizeBytes += entry.sizeBytes;
  }
  return [
    {
      what: "state of OneCopy",
      location: project.state.url,
      kind: "rules",
      storageOwner: await ownerOf(project.state.url),
      insideLake: false,
      files,
      sizeBytes,
      reason: "revisions and hashed tokens; no customer's value",
    },
  ];
}

/** The account that owns the storage, as the file system says; other stores name themselves in their URL. */
async function ownerOf(location: string): Promise<string> {
  if (/^[a-z0-9+.-]+:\/\//i.test(location) && !location.startsWith("file://")) return new URL(location).host;
  const path = location.startsWith("file://") ? fileURLToPath(location) : location;
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return "nobody yet";
  return found.uid === process.getuid?.() ? userInfo().username : `uid ${found.uid}`;
}
