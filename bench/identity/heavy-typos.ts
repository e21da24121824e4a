import { pickGiven, pickOrigin, pickSurname, type Sex } from "./noise/names.ts";
import { Country, streetLine } from "./noise/places.ts";
import { spoilt } from "./noise/spoil.ts";
import { digitSlip, two } from "./noise/slips.ts";
import { Random } from "./random.ts";
import { type LabelledRow, writeLabelled } from "./rows.ts";

const noise = {
  /** Of the records: the first of a person, without an error. */
  originals: 0.4,
  /** Other records of a person: at most so many, many as often as few. */
  mostCopies: 5,
  /** Errors in a copy, and in one of its fields, at most. */
  mostErrors: 5,
  mostErrorsInField: 2,
  /** Of the errors: the value is lost; it stands in another field; it is somebody else's. */
  lost: 0.12,
  exchanged: 0.05,
  replaced: 0.03,
} as const;

const fields = [
  "given_name",
  "surname",
  "street",
  "suburb",
  "postcode",
  "state",
  "birth_date",
  "phone",
] as const;
type Field = (typeof fields)[number];
type Values = Record<Field, string>;

/** Synthetic people with names, address, birth date and phone, and copies of them with several errors each. */
export async function writeHeavyTypos(folder: string, records: number, seed: number): Promise<void> {
  const random = new Random(seed);
  const country = new Country(random, 40);
  const originals = Array.from({ length: Math.round(records * noise.originals) }, () =>
    newPerson(random, country),
  );
  const rows: LabelledRow[] = originals.map((row, person) => ({
    row,
    truth: truthOf(person, row, ["original"]),
  }));
  const open = [...originals.keys()];
  while (rows.length < records) {
    const [person] = open.splice(random.below(open.length), 1) as [number];
    const copies = Math.min(random.between(1, noise.mostCopies), records - rows.length);
    for (let left = copies; left > 0; left--) {
      const traits: string[] = [];
      const row = spoiltCopy(random, originals[person]!, random.pick(originals), traits);
      rows.push({ row, truth: truthOf(person, originals[person]!, traits) });
    }
  }
  await writeLabelled(folder, seed, { people: rows });
}

function truthOf(
  person: number,
  { given_name, surname }: Values,
  traits: readonly string[],
): LabelledRow["truth"] {
  return { person, name: `${given_name} ${surname}`, traits };
}

function newPerson(random: Random, country: Country): Values {
  const origin = pickOrigin(random);
  const sex: Sex = random.chance(0.5) ? "f" : "m";
  const address = country.address(random);
  return {
    given_name: pickGiven(random, origin, sex).toLowerCase(),
    surname: pickSurname(random, origin).toLowerCase(),
    street: streetLine(random, address).toLowerCase(),
    suburb: address.city.name.toLowerCase(),
    postcode: address.zip,
    state: address.city.state,
    birth_date: `${random.between(1930, 2005)}${two(random.between(1, 12))}${two(random.between(1, 28))}`,
    phone: country.phone(random, address.city),
  };
}

function spoiltCopy(random: Random, original: Values, stranger: Values, traits: string[]): Partial<Values> {
  const copy: Partial<Values> = { ...original };
  const errors = new Map<Field, number>();
  for (let left = random.between(1, noise.mostErrors); left > 0; left--) {
    const field = random.pick(fields);
    const before = errors.get(field) ?? 0;
    const value = copy[field];
    if (value === undefined || before >= noise.mostErrorsInField) continue;
    errors.set(field, before + 1);
    const kind = random.next();
    if (kind < noise.lost) {
      traits.push(`no ${field}`);
      delete copy[field];
    } else if (kind < noise.lost + noise.exchanged && (field === "given_name" || field === "surname")) {
      traits.push("names exchanged");
      const { given_name, surname } = copy;
      if (given_name !== undefined && surname !== undefined)
        [copy.given_name, copy.surname] = [surname, given_name];
    } else if (kind < noise.lost + noise.exchanged + noise.replaced) {
      traits.push(`other ${field}`);
      copy[field] = stranger[field];
    } else {
      traits.push(`${field} misspelt`);
      copy[field] = field === "birth_date" ? digitSlip(random, value) : spoilt(random, value, 1);
    }
  }
  return copy;
}
