import type { Catalog } from "./catalog.ts";
import { checkNamespace } from "./name.ts";
import type { Names } from "./name-log.ts";

/*
 * Namespaces are there by the tables and views in them, or because somebody declared them; declared ones have
 * properties, and stay when they are empty.
 */

export type NamespaceProperties = Readonly<Record<string, string>>;

/** All namespaces, in the order of their names. */
export async function namespaces(catalog: Catalog): Promise<string[]> {
  return [...namesOf(await catalog.names())].sort();
}

/** `undefined`: there is no such namespace. */
export async function namespaceProperties(
  catalog: Catalog,
  namespace: string,
): Promise<NamespaceProperties | undefined> {
  const names = await catalog.names();
  return namesOf(names).has(namespace) ? (names.namespaces.get(namespace) ?? {}) : undefined;
}

/** `false`: there is one already. Fails with `catalog.bad_name`. */
export async function createNamespace(
  catalog: Catalog,
  namespace: string,
  properties: NamespaceProperties,
): Promise<boolean> {
  checkNamespace(namespace);
  return await catalog.change(async (names) =>
    namesOf(names).has(namespace)
      ? { done: false }
      : { put: { change: "set-namespace", namespace, properties, at: now() }, result: true },
  );
}

/** The properties before, on which the change was made; `undefined`: there is no such namespace. */
export async function changeNamespace(
  catalog: Catalog,
  namespace: string,
  updates: NamespaceProperties,
  removals: readonly string[],
): Promise<NamespaceProperties | undefined> {
  return await catalog.change(async (names) => {
    if (!namesOf(names).has(namespace)) return { done: undefined };
    const before = names.namespaces.get(namespace) ?? {};
    const kept = Object.entries(before).filter(([key]) => !removals.includes(key));
    const properties = Object.fromEntries([...kept, ...Object.entries(updates)]);
    return { put: { change: "set-namespace", namespace, properties, at: now() }, result: before };
  });
}

export async function dropNamespace(
  catalog: Catalog,
  namespace: string,
): Promise<"dropped" | "absent" | "not-empty"> {
  return await catalog.change(async (names) => {
    if (!namesOf(names).has(namespace)) return { done: "absent" };
    if (inUse(names).has(namespace)) return { done: "not-empty" };
    return { put: { change: "drop-namespace", namespace, at: now() }, result: "dropped" };
  });
}

function namesOf(names: Names): Set<string> {
  return new Set([...names.namespaces.keys(), ...inUse(names)]);
}

function inUse({ tables, views }: Names): Set<string> {
  return new Set([...tables.values(), ...views.values()].map(({ namespace }) => namespace));
}

function now(): string {
  return new Date().toISOString();
}
