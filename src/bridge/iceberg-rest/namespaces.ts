import type { Hono } from "hono";
import { z } from "zod";
import {
  type NamespaceProperties,
  changeNamespace,
  createNamespace,
  dropNamespace,
  namespaceProperties,
} from "../../catalog/index.ts";
import { icebergLocation } from "../../table/index.ts";
import type { Authenticated } from "../bearer.ts";
import type { BridgeContext } from "../context.ts";
import { CatalogRefusal, malformed, taken } from "./error.ts";
import { bodyOf, mayWrite, noNamespace, owns, paged, parameters, shown } from "./request.ts";
import { SEGMENTS, seesSegments } from "./segments.ts";
import { requireVisible, visibleNamespaces } from "./visible-namespaces.ts";
import { requireWarehouse } from "./warehouse.ts";

const texts = z.record(z.string().max(1000), z.string().max(100_000));
export const namespaceToCreate = z.object({ namespace: z.array(z.string()), properties: texts.nullish() });
export const namespaceChange = z.object({
  updates: texts.nullish(),
  removals: z.array(z.string()).nullish(),
});

export function namespaceRoutes(app: Hono<Authenticated>, root: string, context: BridgeContext): void {
  const { catalog } = context;

  app.get(root, async (c) => {
    await requireWarehouse(context, c, c.req.param("prefix"));
    const names = await visibleNamespaces(context, c);
    const parent = c.req.query("parent") || undefined;
    if (parent !== undefined && !names.includes(parent)) throw noNamespace(parent);
    const page = paged(c, parent === undefined ? names : [], (name) => name);
    return c.json({ namespaces: page.items.map((name) => [name]), ...page.next });
  });

  app.post(root, async (c) => {
    mayWrite(c);
    const { namespace, properties } = await bodyOf(c, namespaceToCreate);
    const [name] = namespace;
    if (name !== undefined) mayWrite(c, name);
    if (name === undefined || namespace.length > 1)
      throw malformed("Namespaces have one level here: give a single name.");
    const isSegments = name === SEGMENTS && (await seesSegments(context, c));
    if (isSegments || !(await createNamespace(catalog, name, properties ?? {})))
      throw taken(`Namespace already exists: ${shown(name)}`);
    return c.json({ namespace: [name], properties: withLocation(context, name, properties ?? {}) });
  });

  app.get(`${root}/:namespace`, async (c) => {
    const { namespace } = parameters(c);
    await requireVisible(context, c, namespace);
    if (c.req.method === "HEAD") return c.body(null, 204);
    const properties = owns(c, namespace) ? await namespaceProperties(catalog, namespace) : undefined;
    return c.json({
      namespace: [namespace],
      properties: properties === undefined ? {} : withLocation(context, namespace, properties),
    });
  });

  app.delete(`${root}/:namespace`, async (c) => {
    mayWrite(c);
    const { namespace } = parameters(c);
    const isSegments = namespace === SEGMENTS && (await seesSegments(context, c));
    const outcome = isSegments ? "not-empty" : await dropNamespace(catalog, namespace);
    if (outcome === "absent") throw noNamespace(namespace);
    if (outcome === "not-empty")
      throw new CatalogRefusal(
        409,
        "NamespaceNotEmptyException",
        `Namespace ${shown(namespace)} is not empty: drop or rename its tables and views first${isSegments ? ", and take its segments out of onecopy.yaml" : ""}.`,
      );
    return c.body(null, 204);
  });

  app.post(`${root}/:namespace/properties`, async (c) => {
    mayWrite(c);
    const { namespace } = parameters(c);
    const { updates, removals } = await bodyOf(c, namespaceChange);
    const [set, gone] = [updates ?? {}, removals ?? []];
    if (gone.some((key) => Object.hasOwn(set, key)))
      throw new CatalogRefusal(
        422,
        "UnprocessableEntityException",
        "A property cannot be set and removed at once.",
      );
    const before = await changeNamespace(catalog, namespace, set, gone);
    if (before === undefined) throw noNamespace(namespace);
    const isThere = (key: string): boolean => Object.hasOwn(before, key);
    return c.json({
      updated: Object.keys(set),
      removed: gone.filter(isThere),
      missing: gone.filter((key) => !isThere(key)),
    });
  });
}

/**
 * Where tables of the namespace are. Trino makes a table in two steps (`stage-create`) only where it is told; else it has the
 * catalog make the table first, and then refuses to write into its folder, which is not empty.
 */
function withLocation(
  { lake }: BridgeContext,
  namespace: string,
  properties: NamespaceProperties,
): NamespaceProperties {
  return { location: icebergLocation(lake, namespace), ...properties };
}
