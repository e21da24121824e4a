import { namesAndBirthDates } from "./birth-dates.ts";
import { households } from "./households.ts";
import { type PublicSet, publicFile, publicSets, writePublic } from "./public-data.ts";
import { restaurants } from "./restaurants.ts";
import { writeRetail } from "./retail.ts";
import { writeRows } from "./rows.ts";

/** Something that makes labelled files: `<source>.csv` for each source, `truth.csv` and `why.csv` (see LabelledFiles). */
export interface Kind {
  /** Records, where none are asked for; undefined: the size and the records are always the same, whatever the seed. */
  readonly size: number | undefined;
  /** Whether it can be made here. */
  readonly available: boolean;
  /** What a person would say of columns (`COLUMN=TAG`) that are not suggested right. */
  readonly tags: readonly string[];
  readonly write: (folder: string, records: number, seed: number) => Promise<void>;
}

export const kinds: Readonly<Record<string, Kind>> = {
  retail: made(60_000, writeRetail),
  "German names and birth dates": made(
    10_000,
    (folder, records, seed) => writeRows(folder, "people", namesAndBirthDates(records, seed), "person"),
    ["birth_year=birthdate", "birth_month=birthdate", "birth_day=birthdate"],
  ),
  restaurants: made(860, (folder, records, seed) =>
    writeRows(folder, "guides", restaurants(Math.round(records / 1.3), seed), "place"),
  ),
  households: made(12_000, (folder, records, seed) =>
    writeRows(folder, "people", households(Math.round(records / 6), seed), "person"),
  ),
  ...Object.fromEntries((Object.keys(publicSets) as PublicSet[]).map((name) => [name, fixed(name)])),
};

function made(size: number, write: Kind["write"], tags: readonly string[] = []): Kind {
  return { size, available: true, write, tags };
}

function fixed(name: PublicSet): Kind {
  return {
    size: undefined,
    available: publicFile(name) !== undefined,
    tags: [],
    write: (folder) => writePublic(folder, name),
  };
}
