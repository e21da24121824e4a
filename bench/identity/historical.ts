import { Frequencies, nickname, pickGiven, pickSurname, type Sex } from "./noise/names.ts";
import { spoilt } from "./noise/spoil.ts";
import { dateSlip, two } from "./noise/slips.ts";
import { Random } from "./random.ts";
import { type LabelledRow, writeLabelled } from "./rows.ts";

/** Shares of records, where nothing else is said. */
const noise = {
  /** Records of a person: 1 + geometric, at most 21. */
  recordsMean: 9,
  mostRecords: 21,
  missing: { birth: 0.12, birthPlace: 0.2, postcode: 0.28, occupation: 0.4, gender: 0.1 },
  /** Of families: the next person is a brother or son, with surname and places of the one before. */
  relative: 0.15,
  /** The name of somebody else, or one that the person had in another life (pen names, other spellings altogether). */
  wrongName: 0.06,
  wrongSurname: 0.04,
  title: 0.08,
  middleLeftOut: 0.4,
  initials: 0.07,
  nickname: 0.06,
  surnameFirst: 0.04,
  onlySurname: 0.02,
  misspelt: 0.26,
  /** Of the misspelt: once more, again and again. */
  misspeltAgain: 0.35,
  birthSlip: 0.18,
  onlyYear: 0.06,
  /** Somebody else's, or none that can be explained. */
  wrongBirth: 0.04,
  otherPlace: 0.22,
  misspeltPlace: 0.08,
  otherPostcode: 0.3,
  misspeltPostcode: 0.08,
  otherOccupation: 0.35,
  wrongGender: 0.02,
} as const;

const towns =
  "London Manchester Birmingham Leeds Sheffield Bristol Norwich York Exeter Bath Oxford Cambridge Durham Carlisle Derby Lincoln Chester Hull Dover Bolton " +
  "Stockport Preston Reading Ipswich Worcester Lancaster Plymouth Halifax Bradford Leicester Coventry Nottingham Southampton Gloucester Whitby Falmouth Wells " +
  "Kendal Ripon Truro Penrith Hexham Boston Ely Ludlow Hereford Shrewsbury Stafford Rugby Maidstone Canterbury Hastings Brighton Guildford Winchester Salisbury";
const places = new Frequencies(towns.split(" "), 4);
const occupations = new Frequencies(
  (
    "politician farmer clergyman soldier merchant physician lawyer painter writer engineer teacher banker sailor journalist botanist architect " +
    "musician printer surgeon chemist actor sculptor explorer judge publisher miner weaver brewer carpenter astronomer"
  ).split(" "),
  3,
);
const titles = ["Sir", "Rev.", "Dr", "Captain", "Lady", "Mrs", "Colonel", "Lord"];

interface Person {
  readonly number: number;
  readonly household: number;
  readonly sex: Sex;
  readonly given: string;
  readonly middle: string | undefined;
  readonly surname: string;
  readonly birth: string;
  readonly birthPlace: string;
  readonly postcodes: readonly string[];
  readonly occupations: readonly string[];
}

/**
 * People of the 19th century in biographies, registers and directories, whose compilers copied from each other: many records
 * of a person, most of them with gaps and slips, some under another name.
 */
export async function writeHistorical(folder: string, records: number, seed: number): Promise<void> {
  const random = new Random(seed);
  const rows: LabelledRow[] = [];
  let before: Person | undefined;
  for (let number = 0; rows.length < records; number++) {
    const person = newPerson(random, number, random.chance(noise.relative) ? before : undefined);
    const count = Math.min(noise.mostRecords, random.count(noise.recordsMean), records - rows.length);
    for (let left = count; left > 0; left--) rows.push(record(random, person));
    before = person;
  }
  await writeLabelled(folder, seed, { people: rows });
}

function newPerson(random: Random, number: number, relative: Person | undefined): Person {
  const sex: Sex = random.chance(0.2) ? "f" : "m";
  const year =
    relative === undefined
      ? random.between(1790, 1899)
      : Number(relative.birth.slice(0, 4)) + random.between(1, 35);
  return {
    number,
    household: relative?.household ?? number,
    sex,
    given:
      relative !== undefined && relative.sex === sex && random.chance(0.15)
        ? relative.given
        : pickGiven(random, "english", sex),
    middle: random.chance(0.65) ? pickGiven(random, "english", sex) : undefined,
    surname: relative?.surname ?? pickSurname(random, "english"),
    birth: `${year}-${two(random.between(1, 12))}-${two(random.between(1, 28))}`,
    birthPlace: relative !== undefined && random.chance(0.6) ? relative.birthPlace : places.pick(random),
    postcodes:
      relative !== undefined && random.chance(0.3)
        ? relative.postcodes
        : Array.from({ length: 3 }, () => postcode(random)),
    occupations: [occupations.pick(random), occupations.pick(random)],
  };
}

function postcode(random: Random): string {
  const area = random.pick(["SW", "NW", "SE", "BS", "LS", "OX", "CB", "EX", "NR", "YO", "DE", "BA"]);
  const letters = (): string => String.fromCharCode(65 + random.below(26));
  return `${area}${random.between(1, 29)} ${random.between(1, 9)}${letters()}${letters()}`;
}

function record(random: Random, person: Person): LabelledRow {
  const traits: string[] = [];
  const missing = (field: keyof typeof noise.missing): boolean => random.chance(noise.missing[field]);
  const odd = (kind: Exclude<keyof typeof noise, "missing">, trait: string): boolean => {
    if (!random.chance(noise[kind])) return false;
    traits.push(trait);
    return true;
  };
  return {
    row: {
      full_name: fullName(random, person, odd),
      birth_date: missing("birth") ? undefined : birth(random, person, odd),
      birth_place: missing("birthPlace")
        ? undefined
        : misspelt(
            random,
            odd("otherPlace", "other place") ? places.pick(random) : person.birthPlace,
            noise.misspeltPlace,
          ),
      postcode: missing("postcode")
        ? undefined
        : misspelt(
            random,
            odd("otherPostcode", "other postcode") ? random.pick(person.postcodes) : person.postcodes[0]!,
            noise.misspeltPostcode,
          ),
      gender: missing("gender")
        ? undefined
        : genderOf(odd("wrongGender", "wrong gender") ? other(person.sex) : person.sex),
      occupation: missing("occupation")
        ? undefined
        : random.chance(noise.otherOccupation)
          ? person.occupations[1]
          : person.occupations[0],
    },
    truth: {
      person: person.number,
      household: person.household,
      name: `${person.given} ${person.surname}`,
      traits,
    },
  };
}

type Odd = (kind: Exclude<keyof typeof noise, "missing">, trait: string) => boolean;

function fullName(random: Random, { given, middle, surname, sex }: Person, odd: Odd): string {
  if (odd("wrongName", "wrong name"))
    return `${pickGiven(random, "english", sex)} ${pickSurname(random, "english")}`;
  if (odd("onlySurname", "only a surname")) return `${random.pick(titles)} ${surname}`;
  let [first, second, last] = [given, middle, surname];
  if (odd("wrongSurname", "other surname")) last = pickSurname(random, "english");
  if (odd("nickname", "nickname")) first = nickname(random, given) ?? given;
  if (second !== undefined && random.chance(noise.middleLeftOut)) second = undefined;
  if (odd("initials", "initials"))
    [first, second] = [`${given[0]!}.`, second === undefined ? undefined : `${second[0]!}.`];
  if (odd("misspelt", "name misspelt")) {
    const errors =
      1 + (random.chance(noise.misspeltAgain) ? 1 : 0) + (random.chance(noise.misspeltAgain ** 2) ? 1 : 0);
    if (random.chance(0.4)) first = spoilt(random, first, errors);
    else last = spoilt(random, last, errors);
  }
  const givenPart = second === undefined ? first : `${first} ${second}`;
  const name = odd("surnameFirst", "surname first") ? `${last}, ${givenPart}` : `${givenPart} ${last}`;
  return random.chance(noise.title) ? `${random.pick(titles)} ${name}` : name;
}

function birth(random: Random, person: Person, odd: Odd): string {
  if (odd("wrongBirth", "wrong birth date"))
    return `${random.between(1790, 1899)}-${two(random.between(1, 12))}-${two(random.between(1, 28))}`;
  if (odd("onlyYear", "only a year")) return `${person.birth.slice(0, 4)}-01-01`;
  return odd("birthSlip", "birth date off") ? dateSlip(random, person.birth) : person.birth;
}

function misspelt(random: Random, text: string, share: number): string {
  return random.chance(share) ? spoilt(random, text, 1) : text;
}

function other(sex: Sex): Sex {
  return sex === "f" ? "m" : "f";
}

function genderOf(sex: Sex): string {
  return sex === "f" ? "female" : "male";
}
