import { OneCopyError } from "../base/index.ts";
import type { Catalog } from "./catalog.ts";
import { fullName, viewKey } from "./name-log.ts";
import { type ViewName, checkViewName } from "./name.ts";

type Name = Pick<ViewName, "namespace" | "name">;

/** The views of a namespace, in the order of their names. */
export async function viewsIn(catalog: Catalog, namespace: string): Promise<ViewName[]> {
  const { views } = await catalog.names();
  const found = [...views.values()].filter((view) => view.namespace === namespace);
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Upper and lower case are the same. */
export async function findView(catalog: Catalog, name: Name): Promise<ViewName | undefined> {
  return (await catalog.names()).views.get(viewKey(name));
}

/**
 * Makes `metadataKey` what the view is, when it still is what `before` says (`undefined`: not there). The answer is what
 * the name stands for instead. Fails with `catalog.bad_name`.
 */
export async function setView(
  catalog: Catalog,
  { namespace, name }: Name,
  metadataKey: string,
  before: string | undefined,
): Promise<"set" | "table" | "changed"> {
  checkViewName({ namespace, name });
  return await catalog.change(async ({ tables, views }) => {
    if (tables.has(viewKey({ namespace, name }))) return { done: "table" };
    if (views.get(viewKey({ namespace, name }))?.metadataKey !== before) return { done: "changed" };
    return {
      put: { change: "set-view", namespace, name, metadata: metadataKey, at: new Date().toISOString() },
      result: "set",
    };
  });
}

/** `false`: there is no such view. Its metadata files stay. */
export async function dropView(catalog: Catalog, name: Name): Promise<boolean> {
  return await catalog.change(async ({ views }) => {
    const view = views.get(viewKey(name));
    if (view === undefined) return { done: false };
    const { namespace, name: spelled } = view;
    return {
      put: { change: "drop-view", namespace, name: spelled, at: new Date().toISOString() },
      result: true,
    };
  });
}

/** Fails with `catalog.name_unknown`, `catalog.name_taken` or `catalog.bad_name`. */
export async function renameView(catalog: Catalog, from: Name, to: Name): Promise<void> {
  checkViewName(to);
  await catalog.change(async ({ tables, views }) => {
    const view = views.get(viewKey(from));
    if (view === undefined)
      throw new OneCopyError("catalog.name_unknown", `There is no view ${fullName(from)}.`);
    const key = viewKey(to);
    if (tables.has(key) || (views.has(key) && key !== viewKey(from)))
      throw new OneCopyError("catalog.name_taken", `There is a table or view ${fullName(to)} already.`);
    const { namespace, name } = view;
    return {
      put: {
        change: "rename-view",
        namespace,
        name,
        to: { namespace: to.namespace, name: to.name },
        at: new Date().toISOString(),
      },
      result: undefined,
    };
  });
}
