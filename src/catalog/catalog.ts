import { OneCopyError, newId } from "../base/index.ts";
import type { Session } from "../engine/index.ts";
import type { Store } from "../storage/index.ts";
import { type CommitOutcome, type Snapshot, Table, type TableDefinition } from "../table/index.ts";
import { type NameChange, type Names, fullName, putChange, readNames } from "./name-log.ts";
import { type TableName, parseName } from "./name.ts";

/** Which names the lake's tables have. All of it is in the lake, so that no other store can lose it. */
export class Catalog {
  private readonly tables = new Map<string, Table>();
  /** By a clock that only goes on. */
  private readAtMs = Number.NEGATIVE_INFINITY;
  private sorted: { readonly names: Names; readonly tables: readonly TableName[] } | undefined;

  private constructor(
    readonly lake: Store,
    private known: Names,
  ) {}

  static async open(lake: Store): Promise<Catalog> {
    return new Catalog(lake, await readNames(lake));
  }

  /** As of now, in the order of names. */
  async list(): Promise<readonly TableName[]> {
    const names = await this.refresh();
    if (this.sorted?.names !== names) {
      const tables = [...names.tables.values()].sort((a, b) => (fullName(a) < fullName(b) ? -1 : 1));
      this.sorted = { names, tables };
    }
    return this.sorted.tables;
  }

  /**
   * The table of a name as of now. `undefined`: there is none, or it is just being made. `namesMaxAgeMs`: names that were
   * read so long ago do as well, for who asks often; which versions the table has is always as of now. Fails with
   * `catalog.bad_name`.
   */
  async find(
    name: string,
    { namesMaxAgeMs = 0 }: { readonly namesMaxAgeMs?: number } = {},
  ): Promise<Table | undefined> {
    parseName(name);
    const isRecent = performance.now() - this.readAtMs < namesMaxAgeMs;
    const known = isRecent ? this.known.tables.get(name) : undefined;
    const entry = known ?? (await this.refresh()).tables.get(name);
    return entry === undefined ? undefined : await this.open(entry.folder);
  }

  /** The newest snapshot of a table; undefined when there is no table of that name. */
  async snapshot(name: string): Promise<Snapshot | undefined> {
    return (await this.find(name))?.snapshot();
  }

  /**
   * The table of that name, which is made when there is none. When somebody else just made it, theirs is taken:
   * its schema may be another one. Fails with `catalog.bad_name`.
   */
  async create(name: string, definition: TableDefinition): Promise<Table> {
    const folder = await this.folderFor(name);
    const outcome = await Table.create(this.lake, folder, definition);
    const table = await this.open(folder);
    if (table === undefined)
      throw new OneCopyError(
        "catalog.table_lost",
        `The table ${name} vanished while it was made (${outcome.kind}).`,
      );
    return table;
  }

  /**
   * The table of that name with this schema, these properties and the rows of `query` (none without it): made, or
   * replaced in one commit that keeps its history. Fails with `catalog.bad_name`, and as the table's own operations do.
   */
  async createOrReplace(
    session: Session,
    name: string,
    definition: TableDefinition,
    query?: string,
  ): Promise<CommitOutcome> {
    const existing = await this.find(name);
    const table = existing ?? (await this.create(name, definition));
    // One that somebody else made meanwhile has another schema, perhaps: it is replaced, too.
    return await table.replace(session, definition, query);
  }

  /**
   * A shallow clone of a table under another name; see `cloneTable`. `conflict`: the name is taken. Fails with
   * `catalog.bad_name` or `catalog.name_unknown`.
   */
  async clone(from: string, to: string, version?: number): Promise<CommitOutcome> {
    const source = await this.find(from);
    if (source === undefined) throw unknownName(from, await this.refresh());
    // Before the name is put: one without a table should not come of a version that there is not.
    await source.snapshot(version);
    const folder = await this.folderFor(to);
    return await source.clone(folder, version);
  }

  /**
   * Gives the name to a table that is in a folder already: whoever reads the name log sees all of it from then on. The
   * answer is what the name stands for already, when it is taken. Fails with `catalog.bad_name`.
   */
  async register(name: string, folder: string): Promise<"registered" | "table" | "view"> {
    const parts = parseName(name);
    return await this.change(async ({ tables, views }) => {
      if (tables.has(name)) return { done: "table" };
      if (views.has(name)) return { done: "view" };
      return {
        put: { change: "create", ...parts, folder, at: new Date().toISOString() },
        result: "registered",
      };
    });
  }

  /**
   * Takes the name away; the table's folder stays, and is not used again. `false`: there is no such name, or it is not, or
   * no longer, that of the table in `folder`.
   */
  async drop(name: string, folder?: string): Promise<boolean> {
    const parts = parseName(name);
    return await this.change(async ({ tables }) =>
      tables.has(name) && (folder === undefined || tables.get(name)!.folder === folder)
        ? { put: { change: "drop", ...parts, at: new Date().toISOString() }, result: true }
        : { done: false },
    );
  }

  /** Fails with `catalog.name_unknown`, `catalog.name_taken` or `catalog.bad_name`. The table's folder stays where it is. */
  async rename(from: string, to: string): Promise<void> {
    const [source, target] = [parseName(from), parseName(to)];
    await this.change(async (names) => {
      if (!names.tables.has(from)) throw unknownName(from, names);
      if (names.tables.has(to) || names.views.has(to))
        throw new OneCopyError("catalog.name_taken", `There is a table or view ${to} already.`, {
          remedy: "Choose another name, or drop that one first.",
        });
      return {
        put: { change: "rename", ...source, to: target, at: new Date().toISOString() },
        result: undefined,
      };
    });
  }

  /** The folder of a name, which gets one when it has none: whoever has it decides on the folder, and everybody makes the table there. */
  private async folderFor(name: string): Promise<string> {
    const parts = parseName(name);
    return await this.change(async (names) => {
      const taken = names.tables.get(name);
      if (taken !== undefined) return { done: taken.folder };
      if (names.views.has(name))
        throw new OneCopyError("catalog.name_taken", `There is a view ${name} already.`, {
          remedy: "Choose another name for the table, or drop the view first.",
        });
      const free = await this.freeFolder(names, parts);
      return {
        put: { change: "create", ...parts, folder: free, at: new Date().toISOString() },
        result: free,
      };
    });
  }

  /** As of now. */
  async names(): Promise<Names> {
    return await this.refresh();
  }

  /** Decides on the newest names, again and again until nobody else's change comes in between. */
  async change<T>(
    decide: (
      names: Names,
    ) => Promise<{ readonly done: T } | { readonly put: NameChange; readonly result: T }>,
  ): Promise<T> {
    for (;;) {
      const names = await this.refresh();
      const decision = await decide(names);
      if ("done" in decision) return decision.done;
      if (await putChange(this.lake, names, decision.put)) return decision.result;
    }
  }

  /** `<namespace>/<name>`; with a suffix when that was given out before, or when something stands there. */
  private async freeFolder(
    names: Names,
    { namespace, name }: { namespace: string; name: string },
  ): Promise<string> {
    const plain = `${namespace}/${name}`;
    if (!names.folders.has(plain) && !(await this.holdsAnything(`${plain}/`))) return plain;
    return `${plain}-${newId()}`;
  }

  private async holdsAnything(prefix: string): Promise<boolean> {
    for await (const _ of this.lake.list(prefix)) return true;
    return false;
  }

  private async refresh(): Promise<Names> {
    const startedMs = performance.now();
    this.known = await readNames(this.lake, this.known);
    this.readAtMs = startedMs;
    return this.known;
  }

  private async open(folder: string): Promise<Table | undefined> {
    const known = this.tables.get(folder);
    if (known !== undefined) return known;
    try {
      const table = await Table.open(this.lake, folder);
      this.tables.set(folder, table);
      return table;
    } catch (error) {
      if (error instanceof OneCopyError && error.code === "table.not_found") return undefined;
      throw error;
    }
  }
}

function unknownName(name: string, names: Names): OneCopyError {
  return new OneCopyError("catalog.name_unknown", `There is no table ${name}.`, {
    remedy: `The tables are: ${[...names.tables.keys()].join(", ") || "none"}.`,
  });
}
