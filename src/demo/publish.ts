import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pipeline } from "node:stream/promises";
import { type Session, ident, literal } from "../engine/index.ts";
import { type Layout, selectList } from "./layout.ts";
import type { Random } from "./random.ts";
import { TRADE } from "./rates.ts";

export interface PublishedFile {
  readonly name: string;
  readonly path: string;
  readonly records: number;
}

/** Writes the staged records of a system as its files, oldest first. */
export async function publish(
  session: Session,
  staged: string,
  layout: Layout,
  root: string,
  recentFrom: string,
): Promise<PublishedFile[]> {
  const folder = join(root, layout.folder);
  await mkdir(folder, { recursive: true });
  const fileOf = layout.file(recentFrom);
  const files = await session.rows<{ name: string; records: number }>(
    `SELECT ${fileOf} AS name, count(*) AS records FROM ${ident(staged)} GROUP BY ALL ORDER BY min(${layout.time})`,
  );
  const published: PublishedFile[] = [];
  for (const { name, records } of files) {
    const path = join(folder, name);
    await session.run(
      `COPY (SELECT ${selectList(layout)} FROM ${ident(staged)} WHERE ${fileOf} = ${literal(name)}
             ORDER BY ${layout.time}, ${ident(layout.id)}) TO ${literal(path)} (${layout.copyOptions})`,
    );
    published.push({ name, path, records });
  }
  return published;
}

/** Puts malformed lines among the good ones of a text file. Returns how many. */
export async function spoil(
  random: Random,
  file: PublishedFile,
  { malformed }: Layout,
  brokenOff: string | undefined,
): Promise<number> {
  const places = new Map<number, string>();
  if (malformed.length > 0) {
    for (let left = TRADE.MALFORMED_LINES_PER_FILE; left > 0; left--)
      places.set(random.between(1, file.records), random.pick(malformed));
  }
  const whole = `${file.path}.whole`;
  await rename(file.path, whole);
  await pipeline(withLines(whole, places, brokenOff), createWriteStream(file.path));
  await rm(whole);
  return places.size + (brokenOff === undefined ? 0 : 1);
}

async function* withLines(
  path: string,
  places: ReadonlyMap<number, string>,
  last: string | undefined,
): AsyncGenerator<string> {
  let number = 0;
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    const before = places.get(number++);
    yield before === undefined ? `${line}\n` : `${before}\n${line}\n`;
  }
  if (last !== undefined) yield last;
}
