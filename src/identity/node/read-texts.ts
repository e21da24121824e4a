import { rm } from "node:fs/promises";
import { join } from "node:path";
import { newId } from "../../base/index.ts";
import type { Session } from "../../engine/index.ts";
import type { Job } from "../thread/job.ts";
import type { Threads } from "../thread/threads.ts";
import { Dictionary, type DictionaryData } from "./dictionary.ts";
import { eachLine, numberAt, writeLines } from "./lines.ts";
import { sharedOf } from "./shared.ts";

/** Columns of `identity_node` that have a dictionary in common. */
type Group = readonly string[];

export interface Texts {
  /** By column and node: a number of the column's dictionary, 0 for none. In memory that threads share. */
  readonly columns: ReadonlyMap<string, Int32Array>;
  /** By group. */
  readonly dictionaries: readonly DictionaryData[];
}

/** Reads the columns of `count` nodes: each thread those of some dictionaries, so that these are the same for any number of threads. */
export async function readTexts(
  session: Session,
  threads: Threads,
  count: number,
  groups: readonly Group[],
): Promise<Texts> {
  const columns = new Map(groups.flat().map((name) => [name, sharedOf(Int32Array, count)]));
  const dictionaries = groups.map(() => new Dictionary().data());
  const shares = evenShares(await filledIn(session, groups), threads.count);
  const files = shares.map((share) => ({ file: join(session.scratchFolder, `${newId()}.nodes`), share }));
  const write = async ({ file, share }: FileOfTexts, isSafe: boolean): Promise<void> => {
    const names = share.flatMap(({ filled }) => filled);
    await writeLines(session, `SELECT ${["node", ...names].join(", ")} FROM identity_node`, file, isSafe);
  };
  const read = async (some: readonly FileOfTexts[]): Promise<FileOfTexts[]> => {
    const found = await threads.run(readJob, { count, files: some, columns }, some.length);
    for (const [i, { share }] of some.entries())
      for (const [k, dictionary] of found[i]?.entries() ?? []) dictionaries[share[k]!.group] = dictionary;
    return some.filter((_, i) => found[i] === undefined);
  };
  try {
    for (const file of files) await write(file, false);
    const others = await read(files);
    for (const file of others) await write(file, true);
    await read(others);
    return { columns, dictionaries };
  } finally {
    await Promise.all(files.map(async ({ file }) => await rm(file, { force: true })));
  }
}

interface FilledGroup {
  /** Its position. */
  readonly group: number;
  /** Those of its columns that have a value in some record: there are many, and most tables fill few. */
  readonly filled: readonly string[];
  /** So many values. */
  readonly values: number;
}

/** Those that have values. */
async function filledIn(session: Session, groups: readonly Group[]): Promise<FilledGroup[]> {
  const counts = groups.flat().map((name) => `count(${name}) AS ${name}`);
  const [counted] = await session.rows<Record<string, number>>(
    `SELECT ${counts.join(", ")} FROM identity_standard`,
  );
  return groups.flatMap((names, group) => {
    const filled = names.filter((name) => counted![name] !== 0);
    const values = filled.reduce((sum, name) => sum + counted![name]!, 0);
    return filled.length === 0 ? [] : [{ group, filled, values }];
  });
}

/** In up to `most` shares, of about as many values. */
function evenShares(groups: readonly FilledGroup[], most: number): FilledGroup[][] {
  const shares = groups.slice(0, most).map(() => ({ values: 0, groups: [] as FilledGroup[] }));
  for (const group of groups.toSorted((left, right) => right.values - left.values)) {
    const least = shares.reduce((one, other) => (other.values < one.values ? other : one));
    least.groups.push(group);
    least.values += group.values;
  }
  return shares.map((share) => share.groups);
}

/** Lines of a node and its values in the filled columns of some groups. */
interface FileOfTexts {
  readonly file: string;
  readonly share: readonly FilledGroup[];
}

/** Reads files of texts into the columns, each of them in one thread, and makes the dictionaries; undefined where a value holds an end of a field or a line. */
export const readJob: Job<
  {
    readonly count: number;
    readonly files: readonly FileOfTexts[];
    readonly columns: Texts["columns"];
  },
  readonly DictionaryData[] | undefined
> = {
  name: "read",
  begin:
    ({ count, files, columns }) =>
    (part) => {
      const { file, share } = files[part]!;
      const dictionaries = share.map(() => new Dictionary());
      const targets = share.flatMap(({ filled }, i) =>
        filled.map((name) => ({ column: columns.get(name)!, dictionary: dictionaries[i]! })),
      );
      const isRead = eachLine(file, 1 + targets.length, count, (line, cuts) => {
        const node = numberAt(line, cuts[0]!, cuts[1]! - 1);
        for (let i = 0; i < targets.length; i++) {
          const { column, dictionary } = targets[i]!;
          column[node] = dictionary.add(line, cuts[i + 1]!, cuts[i + 2]! - 1);
        }
      });
      return isRead ? dictionaries.map((dictionary) => dictionary.data()) : undefined;
    },
};
