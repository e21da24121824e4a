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
  readonly write: (folder: string, records: number, seed: number) => Promise<void>;
}

export const kinds: Readonly<Record<string, Kind>> = {
  retail: made(60_000, writeRetail),
  historical: made(50_000, writeHistorical),
  fakes: made(20_000, writeFakes),
  /** Its size is of people, each in two or three files. */
  census: made(21_500, writeCensus),
  "heavy typos": made(5_000, writeHeavyTypos),
  "German names and birth dates": made(10_000, (folder, records, seed) =>
    writeRows(folder, "people", namesAndBirthDates(records, seed), "person"),
  ),
  restaurants: made(860, (folder, records, seed) =>
    writeRows(folder, "guides", restaurants(Math.round(records / 1.3), seed), "place"),
  ),
  households: made(12_000, (folder, records, seed) =>
    writeRows(folder, "people", households(Math.round(records / 6), seed), "person"),
  ),
  ...Object.fromEntries((Object.keys(publicSets) as PublicSet[]).map((name) => [name, fixed(name)])),
};

function made(size: number, write: Kind["write"]): Kind {
  return { size, available: true, write };
}

function fixed(name: PublicSet): Kind {
  return {
    size: undefined,
    available: publicFile(name) !== undefined,
    write: (folder) => writePublic(folder, name),
  };
}
