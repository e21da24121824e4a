import { join } from "node:path";
import type { Workspace } from "../run/index.ts";
import { type Holding, findHoldings } from "./holding.ts";
import { type LakeInventory, takeInventory } from "./inventory.ts";
import { NOTHING, type Size, measureFolder } from "./measure.ts";
import { Places, rootOf } from "./place.ts";
import { ownerOf } from "./storage-owner.ts";

/**
 * `original`: where the records come from, used in place or loaded once; `lake`: in the owner's storage root;
 * `destination`: sent out by a sync; `temporary`: spilled by the engine, wiped at exit; `rules`: OneCopy's state.
 */
export type CopyKind = "original" | "lake" | "destination" | "temporary" | "rules";

/** One place where customers' data, or what OneCopy keeps, is stored. */
export interface Copy {
  readonly what: string;
  readonly location: string;
  readonly kind: CopyKind;
  readonly storageOwner: string;
  readonly insideLake: boolean;
  readonly files: number;
  readonly sizeBytes: number;
  readonly reason: string;
  /** Why it can't be read now, so that there may be more than the figures say. */
  readonly problem?: string;
}

export interface CopyLedger {
  readonly copies: readonly Copy[];
  readonly inventory: LakeInventory;
}

/** Every copy that exists now, measured by listing the storage; each file is counted once. */
export async function listCopies(workspace: Workspace): Promise<CopyLedger> {
  const { project, catalog } = workspace;
  const lakeOwner = await ownerOf(project.lake.url);
  const holdings = await findHoldings(workspace);
  const lakeRoot = await rootOf(project.lake);
  const tables = (await catalog.list()).map(({ folder }) => join(lakeRoot, folder));
  const places = new Places(lakeRoot, tables, holdings.flatMap(placesOf));
  const inventory = await takeInventory(workspace, (key) => places.isSetApart(join(lakeRoot, key)));
  const inLake = inventory.parts.map(({ rules, ...part }): Copy => ({
    ...part,
    kind: rules === true ? "rules" : "lake",
    storageOwner: lakeOwner,
    insideLake: true,
  }));
  const counted = new Set<string>();
  const elsewhere: Copy[] = [];
  for (const holding of holdings) {
    const copy = await measure(holding, places, counted);
    if (holding.former !== true || copy.files > 0 || copy.problem !== undefined) elsewhere.push(copy);
  }
  const originals = elsewhere.filter(({ kind }) => kind === "original");
  return { inventory, copies: [...originals, ...inLake, ...elsewhere.filter((c) => !originals.includes(c))] };
}

function placesOf({ files, realPath }: Holding): readonly string[] {
  if (files !== undefined) return [...files.keys()];
  return realPath === undefined ? [] : [realPath];
}

/** `counted`: what earlier rows have counted already. */
async function measure(holding: Holding, places: Places, counted: Set<string>): Promise<Copy> {
  const { what, location, kind, realPath } = holding;
  const own = placesOf(holding).filter((path) => !counted.has(path) && !places.isOfLake(path));
  for (const path of own) counted.add(path);
  const size = holding.files === undefined ? await sizeOf(own[0], places) : sumOf(holding.files, own);
  const problem = holding.problem ?? size.problem;
  const shared = holding.files === undefined && realPath !== undefined && own.length === 0;
  const reason = shared ? `${holding.reason}; its files are counted in another row` : holding.reason;
  return {
    what,
    location,
    kind,
    storageOwner: await ownerOf(location),
    insideLake: realPath !== undefined && places.insideLake(realPath),
    files: size.files,
    sizeBytes: size.sizeBytes,
    reason: problem === undefined ? reason : `${reason}; it can't be read now: ${problem}`,
    ...(problem === undefined ? {} : { problem }),
  };
}

async function sizeOf(folder: string | undefined, places: Places): Promise<Size> {
  return folder === undefined ? NOTHING : measureFolder(folder, (path) => places.has(path));
}

function sumOf(files: NonNullable<Holding["files"]>, paths: readonly string[]): Size {
  return {
    files: paths.length,
    sizeBytes: paths.reduce((sum, path) => sum + (files.get(path)?.sizeBytes ?? 0), 0),
  };
}
