import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Catalog, openMount } from "../catalog/index.ts";
import { type Engine, type Session, ident, openEngine } from "../engine/index.ts";
import { type Project, type Revision, currentRevision } from "../project/index.ts";
import { type Snapshot, scan } from "../table/index.ts";

/** A project with what is needed to work on its tables. */
export interface Workspace {
  readonly project: Project;
  readonly revision: Revision;
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
    ...(options.confined ? { confineTo: await reachableFolders(project, revision) } : {}),
  });
  const session = await engine.session();
  const close = async (): Promise<void> => {
    session.close();
    await engine.close();
  };
  return { project, revision, catalog, engine, session, close };
}

async function reachableFolders(project: Project, revision: Revision): Promise<string[]> {
  const mounts = await mountSnapshots(project, revision);
  return [
    fileURLToPath(project.lake.url),
    ...mounts.map(({ snapshot }) => snapshot.store.locate(snapshot.folder)),
  ];
}

/** The mounted sources with their present snapshots. */
export async function mountSnapshots(
  project: Project,
  revision: Revision,
): Promise<{ readonly name: string; readonly snapshot: Snapshot }[]> {
  const mounts = Object.entries(revision.config.sources).flatMap(([name, source]) =>
    "delta" in source ? [{ name, delta: source.delta }] : [],
  );
  return Promise.all(
    mounts.map(async ({ name, delta }) => ({ name, snapshot: await openMount({ delta }, project.folder) })),
  );
}

/** Makes every table and mount that a query's text mentions a view of the session, under its name. */
export async function nameTables(workspace: Workspace, sql: string): Promise<void> {
  const { catalog, project, revision, session } = workspace;
  const mentioned = (name: string): boolean => sql.toLowerCase().includes(name.toLowerCase());
  for (const { namespace, name } of await catalog.list()) {
    if (!mentioned(name)) continue;
    const table = await catalog.find(`${namespace}.${name}`);
    if (table === undefined) continue;
    await session.run(
      `CREATE SCHEMA IF NOT EXISTS ${ident(namespace)};
       CREATE OR REPLACE VIEW ${ident(namespace)}.${ident(name)} AS FROM ${scan(await table.snapshot())}`,
    );
  }
  for (const { name, snapshot } of await mountSnapshots(project, revision)) {
    if (mentioned(name)) await session.run(`CREATE OR REPLACE VIEW ${ident(name)} AS FROM ${scan(snapshot)}`);
  }
}
