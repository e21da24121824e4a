import { resolve } from "node:path";
import { OneCopyError, messageOf } from "../base/index.ts";
import {
  Catalog,
  type MountConfig,
  isServed,
  mountAddress,
  mountStore,
  openMount,
} from "../catalog/index.ts";
import { type Engine, type Filter, type Session, ident, openEngine } from "../engine/index.ts";
import { type Project, type Revision, currentRevision } from "../project/index.ts";
import { foundSources } from "./found-sources.ts";
import type { Store } from "../storage/index.ts";
import { type Snapshot, scan } from "../table/index.ts";

/** A project with what is needed to work on its tables. */
export interface Workspace {
  readonly project: Project;
  /** In force; with the sources that were found ({@link foundSources}). */
  readonly revision: Revision;
  /** Sources that the configuration does not name: tables of a share or a namespace that stands for all of its own. */
  readonly found: ReadonlySet<string>;
  readonly catalog: Catalog;
  readonly engine: Engine;
  readonly session: Session;
  close(): Promise<void>;
}

/**
 * Opens the tables of a project. `confined`: SQL reaches the lake and the mounts, and nothing else of the machine;
 * for queries that a person or a client wrote.
 */
export async function openWorkspace(
  project: Project,
  options: { readonly confined: boolean },
): Promise<Workspace> {
  const revision = await currentRevision(project);
  const catalog = await Catalog.open(project.lake);
  const settings = revision.config.engine;
  const engine = await openEngine({
    spillFolder: resolve(project.folder, settings.spill),
    ...(settings.memory === undefined ? {} : { memoryLimit: settings.memory }),
    ...(settings.threads === undefined ? {} : { threads: settings.threads }),
    ...(options.confined
      ? {
          confineTo: reachable(project, revision),
          readsOtherStores: mountsOf(project, revision).some(({ definition }) => isServed(definition)),
        }
      : {}),
  });
  const session = await engine.session();
  const close = async (): Promise<void> => {
    session.close();
    await engine.close();
  };
  const found = await foundSources({ project, catalog, session }, revision);
  return { project, ...found, catalog, engine, session, close };
}

/** Of mounts the address is enough: one that can't be read now must not keep the rest from being read. */
function reachable(project: Project, revision: Revision): Store[] {
  const mounts = mountsOf(project, revision).flatMap(({ store }) => store ?? []);
  return [project.lake, ...mounts];
}

/** A mounted source; `problem` says why it can't be read now. */
export type Mounted = {
  readonly name: string;
  readonly location: string;
  /** Whether somebody's server gives its files, and nothing else says where they are. */
  readonly isServed: boolean;
} & (
  | { readonly snapshot: Snapshot; readonly problem?: undefined }
  | { readonly snapshot?: undefined; readonly problem: string }
);

/** The mounted sources with their present snapshots. */
export async function mountSnapshots(project: Project, revision: Revision): Promise<readonly Mounted[]> {
  return Promise.all(
    mountsOf(project, revision).map(async ({ name, definition, store }): Promise<Mounted> => {
      const location = store?.locate("") ?? mountAddress(definition);
      const mount = { name, location, isServed: isServed(definition) };
      try {
        return { ...mount, snapshot: await openMount(definition, project.folder) };
      } catch (error) {
        return { ...mount, problem: messageOf(error) };
      }
    }),
  );
}

interface Mount {
  readonly name: string;
  readonly definition: MountConfig;
  /** undefined: there is none for the address, or a server has it. */
  readonly store: Store | undefined;
}

function mountsOf(project: Project, revision: Revision): Mount[] {
  return Object.entries(revision.config.sources).flatMap(([name, source]) =>
    "files" in source ? [] : [{ name, definition: source, store: storeOf(source, project.folder) }],
  );
}

function storeOf(definition: MountConfig, baseFolder: string): Store | undefined {
  try {
    return mountStore(definition, baseFolder);
  } catch {
    return undefined;
  }
}

/**
 * Makes every table and mount that a query's text mentions a view of the session, under its name: for this query, since
 * files that hold none of the rows it needs are left out.
 */
export async function nameTables(workspace: Workspace, sql: string): Promise<void> {
  const { catalog, project, revision, session } = workspace;
  const filters = await session.tableFilters(sql).catch(wholeTables);
  const rowsOf = async (name: string, snapshot: Snapshot): Promise<string> =>
    await scan(session, snapshot, { where: filters.get(name) ?? { kind: "unknown" } });
  const mentioned = (name: string): boolean => sql.toLowerCase().includes(name.toLowerCase());
  for (const { namespace, name } of await catalog.list()) {
    if (!mentioned(name)) continue;
    const table = await catalog.find(`${namespace}.${name}`);
    if (table === undefined) continue;
    await session.run(
      `CREATE SCHEMA IF NOT EXISTS ${ident(namespace)};
       CREATE OR REPLACE VIEW ${ident(namespace)}.${ident(name)} AS FROM ${await rowsOf(name, await table.snapshot())}`,
    );
  }
  for (const { name, definition } of mountsOf(project, revision)) {
    if (!mentioned(name)) continue;
    const snapshot = await openMount(definition, project.folder, filters.get(name));
    await session.run(`CREATE OR REPLACE VIEW ${ident(name)} AS FROM ${await rowsOf(name, snapshot)}`);
  }
}

/** What is no SELECT is refused where it is run, with a message that fits. */
function wholeTables(error: unknown): ReadonlyMap<string, Filter> {
  if (error instanceof OneCopyError) return new Map();
  throw error;
}
