import { randomUUID } from "node:crypto";
import type { Hono } from "hono";
import { z } from "zod";
import { findView, parseName } from "../../catalog/index.ts";
import { OneCopyError } from "../../base/index.ts";
import {
  Table,
  type TableUpdate,
  icebergLocation,
  newTable,
  stagedMetadata,
  tableRequirement,
  tableUpdate,
  updatesFor,
} from "../../table/index.ts";
import type { Authenticated } from "../bearer.ts";
import type { BridgeContext } from "../context.ts";
import { CatalogRefusal, malformed, missing, taken } from "./error.ts";
import type { KeptAnswers } from "./kept-answers.ts";
import { type SnapshotMode, loadTableResult, loadedTable, withKeys } from "./load-table.ts";
import {
  type C,
  bodyOf,
  identifier,
  mayWrite,
  noTable,
  owns,
  paged,
  parameters,
  shown,
  toRename,
} from "./request.ts";
import { refuseSegment, segmentView } from "./segments.ts";
import { vendedKeys } from "./vended-keys.ts";
import { requireNamespace, requireVisible } from "./visible-namespaces.ts";
import { sharesWith, tableNamed, visibleTable, visibleTables } from "./warehouse.ts";

export const tableToCreate = newTable.extend({ name: z.string(), "stage-create": z.boolean().nullish() });
export const tableToRegister = z.object({
  name: z.string(),
  "metadata-location": z.string().max(4096),
  overwrite: z.boolean().nullish(),
});
export const tableCommit = z.object({
  identifier: identifier.nullish(),
  requirements: z.array(tableRequirement).max(1000),
  updates: z.array(tableUpdate).max(100_000),
});
export const transaction = z.object({ "table-changes": z.array(tableCommit).min(1) });

type Commit = z.output<typeof tableCommit>;

/** What the routes of tables work with. */
interface TablesContext extends BridgeContext {
  readonly kept: KeptAnswers;
}

interface Name {
  readonly namespace: string;
  readonly name: string;
}

export function tableRoutes(app: Hono<Authenticated>, root: string, context: TablesContext): void {
  const { catalog, lake } = context;
  const tables = `${root}/:namespace/tables`;

  app.get(tables, async (c) => {
    const { namespace } = parameters(c);
    const found = (await visibleTables(context, c)).filter((table) => table.namespace === namespace);
    if (found.length === 0) await requireVisible(context, c, namespace);
    const page = paged(c, found.map((table) => table.name).sort(), (name) => name);
    return c.json({
      identifiers: page.items.map((name) => ({ namespace: [namespace], name })),
      ...page.next,
    });
  });

  app.get(`${tables}/:table`, async (c) => {
    const { namespace, name } = parameters(c);
    const table = await visibleTable(context, c, { namespace, name });
    if (table === undefined) throw noTable(namespace, name);
    if (c.req.method === "HEAD") return c.body(null, 204);
    return await answer(context, c, table, { namespace, name });
  });

  app.post(tables, async (c) => {
    mayWrite(c);
    const { namespace } = parameters(c);
    const request = await bodyOf(c, tableToCreate);
    const name = { namespace, name: request.name };
    await requireFree(context, c, name);
    const uuid = randomUUID();
    const folder = folderOf(name, uuid);
    const updates = updatesFor(request, uuid);
    if (request["stage-create"] === true) {
      const keys = await vendedKeys(context, c, name, {
        store: lake,
        folder,
        content: async () => undefined,
      });
      return json(c, loadTableResult(stagedMetadata(lake, folder, updates), { keys }));
    }
    return await create(context, c, name, uuid, updates);
  });

  app.post(`${tables}/:table`, async (c) => {
    mayWrite(c);
    return await commit(context, c, parameters(c), await bodyOf(c, tableCommit));
  });

  app.delete(`${tables}/:table`, async (c) => {
    mayWrite(c);
    const { namespace, name } = parameters(c);
    const dropped = `${namespace}.${name}`;
    const isPurge = purgeRequested(c.req.query("purgeRequested"));
    const { folder } = (await catalog.names()).tables.get(dropped) ?? {};
    if (folder === undefined) throw noTable(namespace, name);
    // A purge that died is finished, since without its name nobody would find what is left of the table.
    if (isPurge || (await Table.isBeingDropped(lake, folder))) await erase(context, folder);
    await catalog.drop(dropped, folder);
    return c.body(null, 204);
  });

  app.post(`${root}/:namespace/register`, async (c) => {
    mayWrite(c);
    // Where a table that has no name now belonged to cannot be told, so that it is not for a writer of one namespace.
    if (c.var.principal.kind !== "admin")
      throw new CatalogRefusal(
        403,
        "ForbiddenException",
        "Only an admin can register a table that has no name.",
      );
    const { namespace } = parameters(c);
    const request = await bodyOf(c, tableToRegister);
    return await register(context, c, { namespace, name: request.name }, request["metadata-location"]);
  });
}

/** What lies beside the namespaces. */
export function lakeRoutes(app: Hono<Authenticated>, root: string, context: TablesContext): void {
  const { catalog } = context;

  app.post(`${root}/tables/rename`, async (c) => {
    mayWrite(c);
    const { source, destination } = await bodyOf(c, toRename);
    const [from, to] = [nameOf(source), nameOf(destination)];
    mayWrite(c, from.namespace, to.namespace);
    const { tables } = await catalog.names();
    if (!tables.has(full(from))) throw noTable(from.namespace, from.name);
    await requireNamespace(context, c, to.namespace);
    await refuseSegment(context, c, to);
    try {
      await catalog.rename(full(from), full(to));
    } catch (error) {
      if (!(error instanceof OneCopyError) || error.code !== "catalog.name_taken") throw error;
      const isView = (await findView(catalog, to)) !== undefined;
      throw taken(
        `Cannot rename ${shown(full(from))} to ${shown(full(to))}. ${isView ? "View" : "Table"} already exists`,
      );
    }
    return c.body(null, 204);
  });

  app.post(`${root}/transactions/commit`, async (c) => {
    mayWrite(c);
    const { "table-changes": changes } = await bodyOf(c, transaction);
    const [only, ...others] = changes;
    if (others.length > 0)
      throw new CatalogRefusal(
        406,
        "UnsupportedOperationException",
        "A transaction of several tables would not be one for Delta's readers, whose log is one for each table. Commit to one table at a time.",
      );
    if (only?.identifier == null) throw malformed("The change does not say of which table (identifier).");
    const name = nameOf(only.identifier);
    mayWrite(c, name.namespace);
    await commit(context, c, name, only);
    return c.body(null, 204);
  });
}

async function commit(context: TablesContext, c: C, name: Name, request: Commit): Promise<Response> {
  const { catalog, lake, kept } = context;
  const { requirements, updates } = request;
  if (requirements.some(({ type }) => type === "assert-create")) {
    await requireFree(context, c, name, "Requirement failed: table already exists");
    const uuid = updates.find((one) => one.action === "assign-uuid")?.uuid ?? randomUUID();
    return await create(context, c, name, uuid.toLowerCase(), updates);
  }
  const table = await tableNamed(catalog, full(name));
  if (table === undefined) {
    if ((await findView(catalog, name)) !== undefined)
      throw taken(`View with same name already exists: ${shown(full(name))}`);
    throw noTable(name.namespace, name.name);
  }
  // This server may know the table from before.
  if (await Table.isBeingDropped(lake, table.folder))
    throw missing(
      "NoSuchTableException",
      `${shown(full(name))} is being purged: drop it again to finish that.`,
    );
  const outcome = await table.commitIceberg({ requirements, updates, ...context.icebergWrites });
  if (outcome.kind === "conflict") throw new CatalogRefusal(409, "CommitFailedException", outcome.reason);
  // The table's answer right after a commit of ours, whose metadata is what the commit wrote.
  const { iceberg } = outcome;
  const loaded = await loadedTable({ iceberg, store: lake, version: iceberg.version }, kept);
  return json(c, loaded!.body);
}

/**
 * Makes a table in a folder that nobody else knows, and gives it its name: so that it is there with all its rows at once,
 * or not at all. Who loses the name leaves nothing behind.
 */
async function create(
  context: TablesContext,
  c: C,
  name: Name,
  uuid: string,
  updates: readonly TableUpdate[],
): Promise<Response> {
  const { catalog, lake } = context;
  const folder = folderOf(name, uuid);
  const location = icebergLocation(lake, folder);
  const withUuid: TableUpdate[] = [...updates, { action: "assign-uuid", uuid }];
  if ((await Table.createFromIceberg(lake, folder, withUuid, context.icebergWrites)) === "conflict")
    throw taken(`There is a table at ${location} already: give the new one another UUID.`);
  const outcome = await catalog.register(full(name), folder);
  if (outcome !== "registered") {
    await Table.drop(lake, folder);
    throw nameTaken(name, outcome);
  }
  const table = await catalog.find(full(name));
  if (table === undefined) throw noTable(name.namespace, name.name);
  return await answer(context, c, table, name);
}

/** Gives a name to a table of the lake that has none any more, by its newest metadata file. */
async function register(context: TablesContext, c: C, name: Name, location: string): Promise<Response> {
  const { catalog, lake } = context;
  await requireFree(context, c, name);
  const root = icebergLocation(lake, "x").slice(0, -1);
  const folder = location.startsWith(root)
    ? /^([a-z_][a-z0-9_-]*\/[a-z_][a-z0-9_-]*)\/_iceberg\/[^/]+$/.exec(location.slice(root.length))?.[1]
    : undefined;
  const names = await catalog.names();
  const isFree = folder !== undefined && names.folders.has(folder) && !isNamed(names.tables, folder);
  const table = isFree ? await Table.open(lake, folder) : undefined;
  const iceberg = (await table?.snapshot())?.iceberg;
  if (table === undefined || iceberg === undefined || icebergLocation(lake, iceberg.metadataKey) !== location)
    throw malformed(
      `${shown(location)} is not the newest metadata file of a table in this lake that has no name. Tables elsewhere are mounted (sources), or their rows are copied.`,
    );
  const outcome = await catalog.register(full(name), folder!);
  if (outcome !== "registered") throw nameTaken(name, outcome);
  return await answer(context, c, table, name);
}

/**
 * The name is to go afterwards: by it a purge that died is found, by whoever drops the table again and by the next
 * `onecopy run`. A folder without a table is one of which nothing is left.
 */
async function erase({ lake }: TablesContext, folder: string): Promise<void> {
  try {
    await Table.drop(lake, folder);
  } catch (error) {
    if (!(error instanceof OneCopyError) || error.code !== "table.not_found") throw error;
  }
}

/** Python's clients say True. What is neither is refused: nobody means to keep, or to delete, what they did not say. */
function purgeRequested(text = "false"): boolean {
  const value = text.toLowerCase();
  if (value === "true" || value === "false") return value === "true";
  throw malformed("purgeRequested is true or false.");
}

function isNamed(tables: ReadonlyMap<string, { readonly folder: string }>, folder: string): boolean {
  return [...tables.values()].some((table) => table.folder === folder);
}

async function answer(context: TablesContext, c: C, table: Table, name: Name): Promise<Response> {
  const wanted = c.req.query("snapshots") ?? "all";
  if (wanted !== "all" && wanted !== "refs") throw malformed("snapshots is all or refs.");
  const hasHistory =
    owns(c, name.namespace) || (await sharesWith(context, c, name)).some((share) => share.history);
  const mode: SnapshotMode = hasHistory ? wanted : "current";
  let newest = await table.icebergSide();
  // What a foreign Delta writer committed: who loads the table sees it, if the lake lets us give it an Iceberg side.
  if ((newest.iceberg?.version ?? -1) < newest.version) {
    await table.heal().catch(context.onError);
    newest = await table.icebergSide();
  }
  c.set("read", { table_name: full(name), version: newest.version });
  const { store, folder } = table;
  const loaded = await loadedTable({ ...newest, store }, context.kept, mode);
  if (loaded === undefined) throw notIcebergYet(name);
  const keys = await vendedKeys(context, c, name, { store, folder, content: () => table.snapshot() });
  // Whoever gets keys is never told to go on with those from before.
  if (keys !== undefined) return json(c, withKeys(loaded.body, keys));
  const headers = { ETag: loaded.etag, "Cache-Control": "private, no-cache" };
  if (c.req.header("if-none-match") === loaded.etag) return c.body(null, 304, headers);
  return json(c, loaded.body, headers);
}

function json(c: C, body: string | Uint8Array<ArrayBuffer>, headers?: Record<string, string>): Response {
  return c.body(body, 200, { "Content-Type": "application/json", ...headers });
}

/** Fails unless the name can be given to a new table: before anything of it is in the lake, or anybody is told where it will be. */
async function requireFree(context: TablesContext, c: C, name: Name, message?: string): Promise<void> {
  await requireNamespace(context, c, name.namespace);
  parseName(full(name));
  const { tables } = await context.catalog.names();
  if (tables.has(full(name))) throw message === undefined ? nameTaken(name, "table") : taken(message);
  const view = (await findView(context.catalog, name)) ?? (await segmentView(context, c, name));
  if (view !== undefined) throw nameTaken(name, "view");
}

function nameTaken(name: Name, by: "table" | "view"): CatalogRefusal {
  return taken(
    by === "table"
      ? `Table already exists: ${shown(full(name))}`
      : `View with same name already exists: ${shown(full(name))}`,
  );
}

/** The table's UUID makes the folder one that nobody was given before, also when its name was used. */
function folderOf({ namespace, name }: Name, uuid: string): string {
  return `${namespace}/${name}-${uuid}`;
}

function nameOf({ namespace, name }: z.output<typeof identifier>): Name {
  return { namespace: namespace[0]!, name };
}

function full({ namespace, name }: Name): string {
  return `${namespace}.${name}`;
}

function notIcebergYet({ namespace, name }: Name): CatalogRefusal {
  return missing(
    "NoSuchIcebergTableException",
    `${shown(`${namespace}.${name}`)} has no Iceberg metadata yet: it has it from OneCopy's next commit on. Until then read it as Delta.`,
  );
}
