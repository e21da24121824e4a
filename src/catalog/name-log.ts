import { z } from "zod";
import { OneCopyError, messageOf } from "../base/index.ts";
import type { Store } from "../storage/index.ts";
import type { TableName, ViewName } from "./name.ts";

/*
 * `<lake>/_catalog/<n>.json`: one change of one name each, put only if absent, so that everybody sees the same
 * order. Which table or view has a name, and which namespaces there are, is what replaying all of them tells.
 */

const segment = z.string().regex(/^[a-z_][a-z0-9_-]{0,127}$/);
const name = { namespace: segment, name: segment };
/** Engines keep upper case in the names of views; two that differ in case only are the same. */
const viewName = { namespace: segment, name: z.string().regex(/^[A-Za-z_][A-Za-z0-9_-]{0,127}$/) };
const properties = z.record(z.string(), z.string());

const nameChange = z.discriminatedUnion("change", [
  z.object({
    change: z.literal("create"),
    ...name,
    folder: z.string().regex(/^[a-z_][a-z0-9_-]*\/[a-z_][a-z0-9_-]*$/),
    at: z.string(),
  }),
  z.object({ change: z.literal("drop"), ...name, at: z.string() }),
  z.object({ change: z.literal("rename"), ...name, to: z.object(name), at: z.string() }),
  /** A namespace without tables is there because it says so here; others by the tables in them. */
  z.object({ change: z.literal("set-namespace"), namespace: segment, properties, at: z.string() }),
  z.object({ change: z.literal("drop-namespace"), namespace: segment, at: z.string() }),
  /** A view is what its newest metadata file says. */
  z.object({ change: z.literal("set-view"), ...viewName, metadata: z.string().max(2000), at: z.string() }),
  z.object({ change: z.literal("drop-view"), ...viewName, at: z.string() }),
  z.object({ change: z.literal("rename-view"), ...viewName, to: z.object(viewName), at: z.string() }),
]);

export type NameChange = z.output<typeof nameChange>;

/** The names as they stand, and every folder that was ever given out. */
export interface Names {
  readonly version: number;
  readonly tables: ReadonlyMap<string, TableName>;
  /** The declared ones, with their properties. */
  readonly namespaces: ReadonlyMap<string, Readonly<Record<string, string>>>;
  /** By their names in lower case. */
  readonly views: ReadonlyMap<string, ViewName>;
  readonly folders: ReadonlySet<string>;
}

const noNames: Names = {
  version: -1,
  tables: new Map(),
  namespaces: new Map(),
  views: new Map(),
  folders: new Set(),
};

const prefix = "_catalog/";
const concurrentReads = 32;

/**
 * Replays what came after `known`; `known` itself, when nothing did. Fails with `catalog.log_damaged`. No change is ever
 * deleted, so the next one's absence says all, and a long log need not be listed.
 */
export async function readNames(lake: Store, known: Names = noNames): Promise<Names> {
  if (known.version >= 0 && (await lake.head(changeKey(known.version + 1))).kind === "absent") return known;
  const keys: string[] = [];
  const from = known.version < 0 ? {} : { startAfter: changeKey(known.version) };
  for await (const { key } of lake.list(prefix, from)) {
    if (!/^_catalog\/\d{20}\.json$/.test(key)) continue;
    const expected = changeKey(known.version + 1 + keys.length);
    if (key !== expected)
      throw new OneCopyError(
        "catalog.log_damaged",
        `${lake.url}${expected} is missing; later ones are there.`,
        {
          remedy:
            "Restore the file from a backup of the lake; without it the names of tables cannot be known.",
        },
      );
    keys.push(key);
  }
  if (keys.length === 0) return known;
  const names = {
    tables: new Map(known.tables),
    namespaces: new Map(known.namespaces),
    views: new Map(known.views),
    folders: new Set(known.folders),
  };
  for (let i = 0; i < keys.length; i += concurrentReads) {
    const batch = await Promise.all(keys.slice(i, i + concurrentReads).map((key) => readChange(lake, key)));
    for (const change of batch) apply(names, change);
  }
  return { version: known.version + keys.length, ...names };
}

/** Puts a change right after `names`. `false`: somebody else's came first, and the caller has to look again. */
export async function putChange(lake: Store, names: Names, change: NameChange): Promise<boolean> {
  const key = changeKey(names.version + 1);
  const body = `${JSON.stringify(change)}\n`;
  for (let attempt = 0; attempt < 6; attempt++) {
    const outcome = await lake.put(key, body, { ifAbsent: true });
    if (outcome.kind === "written") return true;
    if (outcome.kind === "conflict") return false;
    const found = await lake.get(key);
    // The same text from somebody else is the same change.
    if (found.kind === "found") return new TextDecoder().decode(found.body) === body;
    await new Promise((resolve) => setTimeout(resolve, 50 * 2 ** attempt));
  }
  throw new OneCopyError("catalog.change_unknown", `Whether ${lake.url}${key} was written is not known.`, {
    remedy: "List the tables, and try again if the change is not there.",
  });
}

export function fullName({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `${namespace}.${name}`;
}

/** The name by which a view is looked for. */
export function viewKey(view: { readonly namespace: string; readonly name: string }): string {
  return fullName(view).toLowerCase();
}

interface ChangingNames {
  readonly tables: Map<string, TableName>;
  readonly namespaces: Map<string, Readonly<Record<string, string>>>;
  readonly views: Map<string, ViewName>;
  readonly folders: Set<string>;
}

function apply({ tables, namespaces, views, folders }: ChangingNames, change: NameChange): void {
  switch (change.change) {
    case "create":
      tables.set(fullName(change), {
        namespace: change.namespace,
        name: change.name,
        folder: change.folder,
      });
      folders.add(change.folder);
      return;
    case "drop":
      tables.delete(fullName(change));
      return;
    case "rename": {
      const table = tables.get(fullName(change));
      tables.delete(fullName(change));
      if (table !== undefined) tables.set(fullName(change.to), { ...change.to, folder: table.folder });
      return;
    }
    case "set-namespace":
      namespaces.set(change.namespace, change.properties);
      return;
    case "drop-namespace":
      namespaces.delete(change.namespace);
      return;
    case "set-view":
      views.set(viewKey(change), {
        namespace: change.namespace,
        name: change.name,
        metadataKey: change.metadata,
      });
      return;
    case "drop-view":
      views.delete(viewKey(change));
      return;
    case "rename-view": {
      const view = views.get(viewKey(change));
      views.delete(viewKey(change));
      if (view !== undefined) views.set(viewKey(change.to), { ...view, ...change.to });
    }
  }
}

async function readChange(lake: Store, key: string): Promise<NameChange> {
  const found = await lake.get(key, { offset: 0, length: 65_536 });
  if (found.kind === "absent")
    throw new OneCopyError("catalog.log_damaged", `${lake.url}${key} vanished while it was read.`);
  try {
    return nameChange.parse(JSON.parse(new TextDecoder().decode(found.body)));
  } catch (cause) {
    throw new OneCopyError("catalog.log_damaged", `${lake.url}${key} cannot be read: ${messageOf(cause)}`, {
      cause,
    });
  }
}

function changeKey(n: number): string {
  return `${prefix}${String(n).padStart(20, "0")}.json`;
}
