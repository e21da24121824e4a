import { namesAndBirthDates } from "./birth-dates.ts";
import { writeCensus } from "./census.ts";
import { writeFakes } from "./fakes.ts";
import { writeHeavyTypos } from "./heavy-typos.ts";
import { writeHistorical } from "./historical.ts";
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
  historical: made(50_000, writeHistorical, ["birth_date"].map(birth)),
  fakes: made(20_000, writeFakes),
  /** Its size is of people, each in two or three files. */
  census: made(21_500, writeCensus, [
    ...["census.birth_day", "census.birth_month", "census.birth_year"].map(birth),
    ...[
      "social_security.day_of_birth",
      "social_security.month_of_birth",
      "social_security.year_of_birth",
    ].map(birth),
    ...["benefits.dob_day", "benefits.dob_month", "benefits.dob_year"].map(birth),
  ]),
  "heavy typos": made(5_000, writeHeavyTypos),
  "German names and birth dates": made(
    10_000,
    (folder, records, seed) => writeRows(folder, "people", namesAndBirthDates(records, seed), "person"),
    ["birth_year", "birth_month", "birth_day"].map(birth),
  ),
  restaurants: made(860, (folder, records, seed) =>
    writeRows(folder, "guides", restaurants(Math.round(records / 1.3), seed), "place"),
  ),
  households: made(12_000, (folder, records, seed) =>
    writeRows(folder, "people", households(Math.round(records / 6), seed), "person"),
  ),
  ...Object.fromEntries((Object.keys(publicSets) as PublicSet[]).map((name) => [name, fixed(name)])),
};

function birth(column: string): string {
  return `${column}=birthdate`;
}

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
