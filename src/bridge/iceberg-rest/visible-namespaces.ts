import { namespaceProperties, namespaces } from "../../catalog/index.ts";
import type { BridgeContext } from "../context.ts";
import { type C, noNamespace, owns } from "./request.ts";
import { SEGMENTS, seesSegments } from "./segments.ts";
import { visibleTables } from "./warehouse.ts";

/** The namespaces that the client sees: by tables, by segments, and because it may write them. Sorted. */
export async function visibleNamespaces(context: BridgeContext, c: C): Promise<string[]> {
  const own = (await namespaces(context.catalog)).filter((namespace) => owns(c, namespace));
  const withTables = (await visibleTables(context, c)).map((table) => table.namespace);
  const withSegments = (await seesSegments(context, c)) ? [SEGMENTS] : [];
  return [...new Set([...own, ...withTables, ...withSegments])].sort();
}

/** Fails unless the client owns the namespace, and it is there. */
export async function requireNamespace(context: BridgeContext, c: C, namespace: string): Promise<void> {
  if (owns(c, namespace)) {
    if ((await namespaceProperties(context.catalog, namespace)) !== undefined) return;
    if (namespace === SEGMENTS && (await seesSegments(context, c))) return;
  }
  throw noNamespace(namespace);
}

/** Fails unless the client sees the namespace. */
export async function requireVisible(context: BridgeContext, c: C, namespace: string): Promise<void> {
  if (!(await visibleNamespaces(context, c)).includes(namespace)) throw noNamespace(namespace);
}
