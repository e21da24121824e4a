import { mkdir, readdir, rename, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { OneCopyError } from "../base/index.ts";
import { type Session, literal, openEngine } from "../engine/index.ts";
import { Calendar, HISTORY_DAYS, LAST_DAY } from "./calendar.ts";
import { dealWith } from "./dealings.ts";
import { writeDeltaLog } from "./delta.ts";
import { newHousehold } from "./household.ts";
import { DEFAULT_PEOPLE, DEFAULT_SEED, type DemoOptions, type DemoSummary } from "./options.ts";
import type { Contact } from "./contact.ts";
import type { Address, Metro } from "./place.ts";
import { LAYOUTS } from "./layout.ts";
import { MEMORY_FILE, writeDemoMemory } from "./memory.ts";
import { Numbering } from "./numbering.ts";
import { PROJECT_FILE } from "./project-file.ts";
import { publish, spoil } from "./publish.ts";
import { Random } from "./random.ts";
import { SYSTEMS, type System, TRADE } from "./rates.ts";
import { Registry } from "./registry.ts";
import { testAccounts } from "./staff.ts";
import { Staging } from "./staging.ts";
import type { Row } from "./system/row.ts";

const MAX_PEOPLE = 20_000_000;

// Numbers given out may not run short: far above what people come to on average.
const MAX_RECORDS_PER_PERSON = 5;

/**
 * Writes the demo project: five source systems, `onecopy.yaml`, and `truth.csv` (source, record_id, person_id) beside
 * them. Nothing is in the folder until all is; a crash in between leaves what the next start of an engine wipes.
 * Fails with `demo.folder_not_empty`, `demo.people_invalid`, `demo.seed_invalid`, `demo.last_day_invalid`.
 */
export async function generateDemo(options: DemoOptions): Promise<DemoSummary> {
  const { people = DEFAULT_PEOPLE, seed = DEFAULT_SEED, lastDay = LAST_DAY } = options;
  requireWhole("people", people, 1, MAX_PEOPLE);
  requireWhole("seed", seed, 0, Number.MAX_SAFE_INTEGER);
  const calendar = new Calendar(lastDay);
  const folder = resolve(options.folder);
  await requireEmpty(folder);

  // One thread: with more, row groups of the Parquet files would begin where threads happened to meet.
  const engine = await openEngine({ spillFolder: join(folder, ".onecopy", "spill"), threads: 1 });
  try {
    const session = await engine.session();
    const staging = engine.scratchFolder;
    const stagings = stage(staging, { people, seed, calendar });
    for (const staged of stagings) await staged.load(session);
    const whole = join(staging, "demo");
    await mkdir(whole);
    const summary = await write(session, whole, { people, seed, calendar });
    session.close();
    await moveInto(folder, whole);
    return summary;
  } finally {
    await engine.close();
  }
}

interface Plan {
  readonly people: number;
  readonly seed: number;
  readonly calendar: Calendar;
}

/** Lives the years of the demo, household by household; what the systems keep of it is staged. */
function stage(folder: string, { people, seed, calendar }: Plan): Staging[] {
  const population = {
    random: new Random(`${seed} people`),
    registry: new Registry(),
    recentAddresses: new Map<Metro, Address>(),
  };
  const acquaintances: Contact[] = [];
  const random = new Random(`${seed} dealings`);
  const numbers = bySystem(() => new Numbering(random, people * MAX_RECORDS_PER_PERSON));
  const stagings = bySystem((system) => new Staging(folder, system, LAYOUTS[system].columns));
  const truth = new Staging(folder, "truth", ["source", "record_id", "person_id"]);
  const keep = ({ system, id, values }: Row, personId: string): void => {
    stagings[system].append(values);
    truth.append([system, id, personId]);
  };

  for (let count = 0; count < people;) {
    const members = newHousehold(population).slice(0, people - count);
    const ids = new Map(members.map((person) => [person, `P${++count}`]));
    dealWith(
      { random, calendar, numbers, acquaintances, keep: (row, person) => keep(row, ids.get(person)!) },
      members,
    );
  }
  const testers = Math.ceil(people * TRADE.STAFF_TESTERS_PER_PERSON);
  for (let tester = 1; tester <= testers; tester++)
    for (const row of testAccounts(random, calendar, numbers, tester)) keep(row, `STAFF${tester}`);
  return [...Object.values(stagings), truth];
}

async function write(session: Session, root: string, { people, seed, calendar }: Plan): Promise<DemoSummary> {
  const random = new Random(`${seed} files`);
  const recentFrom = calendar.date(HISTORY_DAYS - 365).slice(0, 7);
  let malformedLines = 0;
  const recordsBySource: Partial<Record<System, number>> = {};
  for (const system of SYSTEMS) {
    const layout = LAYOUTS[system];
    const files = await publish(session, system, layout, root, recentFrom);
    recordsBySource[system] = files.reduce((sum, { records }) => sum + records, 0);
    if (system === "loyalty") await writeDeltaLog(join(root, layout.folder), files, layout, calendar);
    if (layout.malformed.length === 0) continue;
    for (const file of files)
      malformedLines += await spoil(
        random,
        file,
        layout,
        file === files.at(-1) ? layout.brokenOff : undefined,
      );
  }
  await session.run(
    `COPY (FROM truth ORDER BY source, record_id) TO ${literal(join(root, "truth.csv"))} (FORMAT csv, HEADER)`,
  );
  await writeFile(join(root, "onecopy.yaml"), PROJECT_FILE);
  await writeDemoMemory(root, { people, seed });
  const records = Object.values(recordsBySource).reduce((sum, count) => sum + count, 0);
  return { people, records, recordsBySource: recordsBySource as Record<System, number>, malformedLines };
}

/** What the folder remembers of its making goes last: where it is, all is. */
async function moveInto(folder: string, whole: string): Promise<void> {
  for (const name of ["drops", "pos", "truth.csv", "onecopy.yaml", MEMORY_FILE])
    await rename(join(whole, name), join(folder, name));
}

async function requireEmpty(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const found = (await readdir(folder)).filter((name) => name !== ".onecopy");
  if (found.length > 0)
    throw new OneCopyError(
      "demo.folder_not_empty",
      `The demo needs an empty folder; ${folder} holds ${found.join(", ")}.`,
      {
        remedy: "Name another folder, or remove this one.",
      },
    );
}

function requireWhole(name: "people" | "seed", value: number, low: number, high: number): void {
  if (Number.isSafeInteger(value) && value >= low && value <= high) return;
  throw new OneCopyError(
    `demo.${name}_invalid`,
    `${name} must be a whole number from ${low} to ${high}, not ${value}.`,
  );
}

function bySystem<T>(make: (system: System) => T): Record<System, T> {
  return Object.fromEntries(SYSTEMS.map((system) => [system, make(system)])) as Record<System, T>;
}
