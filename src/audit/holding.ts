import { realpath } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { deliveryFolders } from "../activation/index.ts";
import { messageOf } from "../base/index.ts";
import { readableRevisions } from "../project/index.ts";
import { type Workspace, mountSnapshots } from "../run/index.ts";
import { listDropFiles } from "../source/index.ts";
import { openStore } from "../storage/index.ts";
import type { CopyKind } from "./copies.ts";
import { realPathOf } from "./place.ts";

export const READ_IN_PLACE = "read in place, never copied";

/** A place besides the lake's tables where data, or what OneCopy keeps, may lie; before it is measured. */
export interface Holding {
  readonly what: string;
  readonly kind: CopyKind;
  readonly location: string;
  /** undefined: not a folder that this machine reaches. */
  readonly realPath: string | undefined;
  readonly reason: string;
  /** A drop is the files that its pattern matches, by real path, and not its whole folder; an object store is its objects, by URL. */
  readonly files?: ReadonlyMap<string, { readonly sizeBytes: number }>;
  /** Why it can't be read. */
  readonly problem?: string;
  /** Not of the present configuration: said only when something is there. */
  readonly former?: boolean;
}

/** What a rule or a process has put, or reads, outside the lake's tables: now or under an earlier revision. */
export async function findHoldings(workspace: Workspace): Promise<readonly Holding[]> {
  const found = await Promise.all([
    drops(workspace),
    mounts(workspace),
    stateElsewhere(workspace),
    destinations(workspace),
    spills(workspace),
  ]);
  return found.flat();
}

async function drops({ project, revision }: Workspace): Promise<Holding[]> {
  const patterns = Object.entries(revision.config.sources).flatMap(([name, source]) =>
    "files" in source ? [{ name, glob: source.files }] : [],
  );
  return Promise.all(
    patterns.map(async ({ name, glob }): Promise<Holding> => {
      const drop = {
        what: `source ${name} (file drop)`,
        kind: "original" as const,
        location: resolve(project.folder, glob),
        realPath: await realPathOf(resolve(project.folder, glob.split(/[*?[{]/)[0] ?? "")),
        reason: `loaded once into raw.${name}; the files may be deleted afterwards`,
      };
      try {
        const files = await listDropFiles(project.folder, glob);
        const byPath = files.map(async (file) => [await realpath(file.absolutePath), file] as const);
        return { ...drop, files: new Map(await Promise.all(byPath)) };
      } catch (error) {
        return { ...drop, files: new Map(), problem: messageOf(error) };
      }
    }),
  );
}

async function mounts({ project, revision }: Workspace): Promise<Holding[]> {
  const mounted = await mountSnapshots(project, revision);
  return Promise.all(
    mounted.map(async ({ name, location, isServed, problem }): Promise<Holding> => ({
      what: `source ${name} (mount)`,
      kind: "original",
      location,
      reason: READ_IN_PLACE,
      ...(isServed ? { realPath: undefined } : await placeAt(location)),
      ...(problem === undefined ? {} : { problem }),
    })),
  );
}

/** A folder, or the objects of a store. */
async function placeAt(location: string): Promise<Pick<Holding, "realPath" | "files" | "problem">> {
  const isUrl = /^[a-z][a-z0-9+.-]*:\/\//i.test(location);
  if (!isUrl || location.startsWith("file:"))
    return { realPath: await realPathOf(isUrl ? fileURLToPath(location) : location) };
  const files = new Map<string, { readonly sizeBytes: number }>();
  try {
    const store = openStore(location);
    for await (const { key, sizeBytes } of store.list("")) files.set(store.locate(key), { sizeBytes });
    return { realPath: undefined, files };
  } catch (error) {
    return { realPath: undefined, files, problem: messageOf(error) };
  }
}

async function stateElsewhere({ project }: Workspace): Promise<Holding[]> {
  const { lake, state } = project;
  if (state.url.startsWith(lake.url)) return [];
  return [
    {
      what: "state of OneCopy",
      kind: "rules",
      location: state.url,
      reason: "revisions and hashed tokens; no customer's value",
      ...(await placeAt(state.url)),
    },
  ];
}

async function destinations({ project, revision, session, catalog }: Workspace): Promise<Holding[]> {
  const wanted = Object.entries(revision.config.syncs).map(([sync, { destination }]) => ({
    sync,
    folder: destination.folder,
  }));
  const present = await sent(wanted, project.folder, {
    reason: "the configuration asks for it; it belongs to the destination",
    former: false,
  });
  const ever = await sent(await deliveryFolders(session, catalog), project.folder, {
    reason: "no sync sends there any more",
    former: true,
  });
  return [...present, ...ever.filter(({ realPath }) => !present.some((one) => one.realPath === realPath))];
}

async function sent(
  deliveries: readonly { readonly sync: string; readonly folder: string }[],
  baseFolder: string,
  rest: { readonly reason: string; readonly former: boolean },
): Promise<Holding[]> {
  const folders = new Map<string, { location: string; syncs: string[] }>();
  for (const { sync, folder } of deliveries) {
    const location = resolve(baseFolder, folder);
    const realPath = await realPathOf(location);
    const known = folders.get(realPath);
    if (known === undefined) folders.set(realPath, { location, syncs: [sync] });
    else if (!known.syncs.includes(sync)) known.syncs.push(sync);
  }
  return [...folders].map(([realPath, { location, syncs }]) => ({
    what: `what ${syncs.map((sync) => `sync ${sync}`).join(" and ")} sent`,
    kind: "destination",
    location,
    realPath,
    ...rest,
  }));
}

async function spills({ project, revision }: Workspace): Promise<Holding[]> {
  const revisions = await readableRevisions(project.state);
  const present = resolve(project.folder, revision.config.engine.spill);
  const ever = revisions.map(({ config }) => resolve(project.folder, config.engine.spill));
  const folders = [...new Set([present, ...ever])];
  return Promise.all(
    folders.map(async (location): Promise<Holding> => ({
      what: "temporary files of the engine",
      kind: "temporary",
      location,
      realPath: await realPathOf(location),
      former: location !== present,
      reason:
        location === present
          ? "queries larger than memory spill here; wiped at start and exit"
          : "an earlier revision spilled here; nothing wipes it any more",
    })),
  );
}
