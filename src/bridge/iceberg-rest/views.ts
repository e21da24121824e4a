import { randomUUID } from "node:crypto";
import type { Hono } from "hono";
import { z } from "zod";
import { OneCopyError, parseLossless } from "../../base/index.ts";
import {
  type ViewName,
  checkViewName,
  dropView,
  findView,
  renameView,
  setView,
  viewsIn,
} from "../../catalog/index.ts";
import type { Store } from "../../storage/index.ts";
import { icebergLocation } from "../../table/index.ts";
import type { Authenticated } from "../bearer.ts";
import type { BridgeContext } from "../context.ts";
import { CatalogRefusal, malformed, missing, taken } from "./error.ts";
import { type C, bodyOf, mayWrite, paged, parameters, owns, shown, toRename } from "./request.ts";
import { SEGMENTS, refuseSegment, segmentView, segmentViews } from "./segments.ts";
import {
  type ViewMetadata,
  changedView,
  firstViewMetadata,
  newView,
  parseViewMetadata,
  renderViewMetadata,
  viewRequirement,
  viewUpdate,
} from "./view-metadata.ts";
import { requireNamespace, requireVisible } from "./visible-namespaces.ts";

export const viewCommit = z.object({
  requirements: z.array(viewRequirement).nullish(),
  updates: z.array(viewUpdate).max(10_000),
});
export const viewToRegister = z.object({ name: z.string(), "metadata-location": z.string().max(4096) });

type Name = Pick<ViewName, "namespace" | "name">;

/**
 * Views: rules in SQL that engines evaluate. Their metadata lies in the lake's folder `_views`, and the name log says
 * which file is the newest; recipients see none but in namespaces of theirs, since what a view reads is not what they
 * were granted. Segments are views too, for whom they are is in `segmentViews`.
 */
export function viewRoutes(app: Hono<Authenticated>, root: string, context: BridgeContext): void {
  const { catalog } = context;
  const views = `${root}/namespaces/:namespace/views`;

  app.get(views, async (c) => {
    const { namespace } = parameters(c);
    await requireVisible(context, c, namespace);
    const stored = owns(c, namespace) ? await viewsIn(catalog, namespace) : [];
    const isStored = (name: string): boolean => stored.some((one) => one.name.toLowerCase() === name);
    const segments = namespace === SEGMENTS ? await segmentViews(context, c) : [];
    const sorted = [...stored.map(({ name }) => name), ...segments.filter((name) => !isStored(name))].sort();
    const page = paged(c, sorted, (name) => name);
    return c.json({
      identifiers: page.items.map((name) => ({ namespace: [namespace], name })),
      ...page.next,
    });
  });

  app.get(`${views}/:view`, async (c) => {
    const view = owns(c, parameters(c).namespace) ? await findView(catalog, parameters(c)) : undefined;
    const segment = view === undefined ? await segmentView(context, c, parameters(c)) : undefined;
    if (view === undefined && segment === undefined) throw noView(parameters(c));
    if (c.req.method === "HEAD") return c.body(null, 204);
    if (view !== undefined) return answer(c, context, view.metadataKey, await read(context, view));
    // It is in no file: where its metadata is, is here.
    const origin = context.publicUrl ?? new URL(c.req.url).origin;
    return viewAnswer(c, `${origin}${c.req.path}`, segment!);
  });

  app.post(views, async (c) => {
    mayWrite(c);
    const { namespace } = parameters(c);
    const request = await bodyOf(c, newView);
    await requireNamespace(context, c, namespace);
    const uuid = randomUUID();
    const location = icebergLocation(context.lake, `_views/${uuid}`);
    const metadata = firstViewMetadata(request, uuid, location);
    return await put(context, c, { namespace, name: request.name }, metadata, undefined);
  });

  app.post(`${views}/:view`, async (c) => {
    mayWrite(c);
    const { requirements, updates } = await bodyOf(c, viewCommit);
    // Lost races begin anew on what the winner made; whoever meant another view says so by its UUID.
    for (let attempt = 0; attempt < 20; attempt++) {
      const view = await findView(catalog, parameters(c));
      if (view === undefined) await refuseSegment(context, c, parameters(c));
      if (view === undefined) throw noView(parameters(c));
      const base = await read(context, view);
      const found = base["view-uuid"];
      const other = (requirements ?? []).find(({ uuid }) => uuid.toLowerCase() !== found.toLowerCase());
      if (other !== undefined)
        throw conflict(`Requirement failed: view UUID does not match: expected ${found} != ${other.uuid}`);
      const metadata = changedView(base, updates, Date.now());
      if (renderViewMetadata(metadata) === renderViewMetadata(base))
        return answer(c, context, view.metadataKey, base);
      const key = await store(context, metadata);
      if ((await setView(catalog, view, key, view.metadataKey)) === "set")
        return answer(c, context, key, metadata);
      await context.lake.delete(key);
    }
    throw conflict("Others change the view without pause.");
  });

  app.delete(`${views}/:view`, async (c) => {
    mayWrite(c);
    if (await dropView(catalog, parameters(c))) return c.body(null, 204);
    await refuseSegment(context, c, parameters(c));
    throw noView(parameters(c));
  });

  app.post(`${root}/views/rename`, async (c) => {
    mayWrite(c);
    const { source, destination } = await bodyOf(c, toRename);
    const [from, to] = [source, destination].map(({ namespace, name }): Name => ({
      namespace: namespace[0]!,
      name,
    })) as [Name, Name];
    mayWrite(c, from.namespace, to.namespace);
    if ((await findView(catalog, from)) === undefined) {
      await refuseSegment(context, c, from);
      throw noView(from);
    }
    await requireNamespace(context, c, to.namespace);
    await refuseSegment(context, c, to);
    try {
      await renameView(catalog, from, to);
    } catch (error) {
      if (!(error instanceof OneCopyError) || error.code !== "catalog.name_taken") throw error;
      const what = (await findView(catalog, to)) === undefined ? "Table" : "View";
      throw taken(`Cannot rename ${full(from)} to ${full(to)}. ${what} already exists`);
    }
    return c.body(null, 204);
  });

  app.post(`${root}/namespaces/:namespace/register-view`, async (c) => {
    mayWrite(c);
    const { namespace } = parameters(c);
    const { name, "metadata-location": location } = await bodyOf(c, viewToRegister);
    await requireNamespace(context, c, namespace);
    await requireFree(context, c, { namespace, name });
    const key = keyOf(context.lake, location);
    const metadata = key === undefined ? undefined : await readKey(context, key);
    if (key === undefined || metadata === undefined)
      throw malformed(`${shown(location)} is not the metadata file of a view in this lake.`);
    await claim(context, { namespace, name }, key, undefined);
    return answer(c, context, key, metadata);
  });
}

async function put(
  context: BridgeContext,
  c: C,
  name: Name,
  metadata: ViewMetadata,
  before: string | undefined,
): Promise<Response> {
  await requireFree(context, c, name);
  const key = await store(context, metadata);
  await claim(context, name, key, before).catch(async (error: unknown) => {
    // Somebody else has the name: the file is nobody's.
    if (error instanceof CatalogRefusal) await context.lake.delete(key);
    throw error;
  });
  return answer(c, context, key, metadata);
}

async function claim(
  { catalog }: BridgeContext,
  name: Name,
  key: string,
  before: string | undefined,
): Promise<void> {
  const outcome = await setView(catalog, name, key, before);
  if (outcome === "table") throw taken(`Table with same name already exists: ${full(name)}`);
  if (outcome === "changed") throw taken(`View already exists: ${full(name)}`);
}

/** Fails unless the name can be given to a new view: before anything of it is in the lake. */
async function requireFree(context: BridgeContext, c: C, name: Name): Promise<void> {
  const { catalog } = context;
  checkViewName(name);
  const { tables } = await catalog.names();
  if (tables.has(`${name.namespace}.${name.name}`))
    throw taken(`Table with same name already exists: ${full(name)}`);
  const view = (await findView(catalog, name)) ?? (await segmentView(context, c, name));
  if (view !== undefined) throw taken(`View already exists: ${full(name)}`);
}

/** A new metadata file, which nothing refers to yet. */
async function store({ lake }: BridgeContext, metadata: ViewMetadata): Promise<string> {
  const number = String(metadata["current-version-id"]).padStart(5, "0");
  const folder = chosenFolder(lake, metadata) ?? `_views/${metadata["view-uuid"]}`;
  const key = `${folder}/${number}-${randomUUID()}.metadata.json`;
  const outcome = await lake.put(key, renderViewMetadata(metadata));
  if (outcome.kind === "written" || (await lake.head(key)).kind === "found") return key;
  throw new OneCopyError("bridge.view_not_stored", `The lake did not take ${key}.`);
}

async function read(context: BridgeContext, { metadataKey }: ViewName): Promise<ViewMetadata> {
  const metadata = await readKey(context, metadataKey);
  if (metadata !== undefined) return metadata;
  throw new OneCopyError("bridge.metadata_missing", `${metadataKey} is missing, or is no view's metadata.`);
}

async function readKey({ lake }: BridgeContext, key: string): Promise<ViewMetadata | undefined> {
  const found = await lake.get(key);
  if (found.kind === "absent") return undefined;
  return parseViewMetadata(parseLossless(Buffer.from(found.body).toString("utf8")));
}

/** The folder below `_views` that a view's owner chose for its metadata (`write.metadata.path`). */
function chosenFolder(lake: Store, { properties }: ViewMetadata): string | undefined {
  const path = properties[metadataPath];
  if (path === undefined) return undefined;
  const folder = keyOf(lake, path);
  if (folder !== undefined) return folder;
  throw malformed(
    `${metadataPath} of a view is below ${icebergLocation(lake, "_views")}: choose a folder there, or leave the property out.`,
  );
}

const metadataPath = "write.metadata.path";

/** The key of what lies below `_views`; `undefined` for all else. */
function keyOf(lake: Store, location: string): string | undefined {
  const home = `${icebergLocation(lake, "_views")}/`;
  const stated = location.replace(/^file:\/(?!\/)/, "file:///").replace(/\/+$/, "");
  if (!stated.startsWith(home)) return undefined;
  const parts = stated.slice(home.length).split("/");
  const isPlain = parts.every((part) => /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/.test(part));
  return isPlain ? `_views/${parts.join("/")}` : undefined;
}

function answer(c: C, { lake }: BridgeContext, key: string, metadata: ViewMetadata): Response {
  // As its owner spells it, where that was said.
  const chosen = metadata.properties[metadataPath]?.replace(/\/+$/, "");
  const isThere = chosen !== undefined && keyOf(lake, chosen) === key.slice(0, key.lastIndexOf("/"));
  const place = isThere ? `${chosen}${key.slice(key.lastIndexOf("/"))}` : icebergLocation(lake, key);
  return viewAnswer(c, place, metadata);
}

/** REST specification, `LoadViewResult`. */
function viewAnswer(c: C, location: string, metadata: ViewMetadata): Response {
  const text = `{"metadata-location":${JSON.stringify(location)},"metadata":${renderViewMetadata(metadata)}}`;
  return c.body(text, 200, { "Content-Type": "application/json" });
}

function noView(name: Name): CatalogRefusal {
  return missing("NoSuchViewException", `View does not exist: ${full(name)}`);
}

function conflict(message: string): CatalogRefusal {
  return new CatalogRefusal(409, "CommitFailedException", message);
}

function full({ namespace, name }: Name): string {
  return shown(`${namespace}.${name}`);
}
