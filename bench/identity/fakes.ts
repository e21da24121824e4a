import { Frequencies, nickname, pickGiven, pickSurname, type Sex } from "./noise/names.ts";
import { spoilt } from "./noise/spoil.ts";
import { dateSlip, two } from "./noise/slips.ts";
import { Random } from "./random.ts";
import { type LabelledRow, writeLabelled } from "./rows.ts";

/** Shares of the fields of a record. */
const noise = {
  /** Records of a person: 1 + geometric, at most 12. */
  recordsMean: 4.5,
  mostRecords: 12,
  missing: { first_name: 0.14, surname: 0.12, dob: 0.06, city: 0.16, email: 0.2 },
  /** Two more errors as often as the square and the cube of this. */
  misspelt: { first_name: 0.24, surname: 0.24, city: 0.15, email: 0.2 },
  dob: 0.3,
  nickname: 0.05,
  namesExchanged: 0.1,
  otherSurname: 0.05,
  otherCity: 0.08,
  otherEmail: 0.12,
} as const;

const cities = new Frequencies(
  (
    "London Birmingham Leeds Liverpool Manchester Bristol Sheffield Wolverhampton Leicester Coventry Reading Nottingham Derby Plymouth Southampton " +
    "Swindon Portsmouth Luton Norwich Bournemouth Stoke Oldham Croydon Blackpool Hull Sunderland Peterborough Middlesbrough Telford Poole Oxford Exeter"
  ).split(" "),
  0.3,
);

/** People of whom name, birth date, city and e-mail are known, four or five records each, every other field of them spoilt or empty. */
export async function writeFakes(folder: string, records: number, seed: number): Promise<void> {
  const random = new Random(seed);
  const rows: LabelledRow[] = [];
  for (let person = 0; rows.length < records; person++) {
    const sex: Sex = random.chance(0.5) ? "f" : "m";
    const [first, last] = [pickGiven(random, "english", sex), pickSurname(random, "english")];
    const provider = `${pickSurname(random, "english").toLowerCase()}${random.pick(["-smith", "-jones", "", "", ""])}.${random.pick(["com", "org", "net", "biz", "info"])}`;
    const self = {
      first,
      last,
      dob: `${random.between(1935, 2012)}-${two(random.between(1, 12))}-${two(random.between(1, 28))}`,
      city: cities.pick(random),
      email: `${first[0]!.toLowerCase()}${random.chance(0.5) ? `.${last.toLowerCase()}` : random.digits(2)}@${provider}`,
    };
    const count = Math.min(noise.mostRecords, random.count(noise.recordsMean), records - rows.length);
    for (let left = count; left > 0; left--) rows.push(record(random, person, self));
  }
  await writeLabelled(folder, seed, { people: rows });
}

interface Self {
  readonly first: string;
  readonly last: string;
  readonly dob: string;
  readonly city: string;
  readonly email: string;
}

function record(random: Random, person: number, self: Self): LabelledRow {
  const traits: string[] = [];
  const odd = (share: number, trait: string): boolean => {
    if (!random.chance(share)) return false;
    traits.push(trait);
    return true;
  };
  const written = (field: keyof typeof noise.misspelt, text: string): string | undefined => {
    if (odd(noise.missing[field], `no ${field}`)) return undefined;
    const share = noise.misspelt[field];
    if (!odd(share, `${field} misspelt`)) return text;
    return spoilt(random, text, 1 + (random.chance(share) ? 1 : 0) + (random.chance(share ** 2) ? 1 : 0));
  };
  const first = odd(noise.nickname, "nickname") ? (nickname(random, self.first) ?? self.first) : self.first;
  const last = odd(noise.otherSurname, "other surname") ? pickSurname(random, "english") : self.last;
  const names = odd(noise.namesExchanged, "names exchanged") ? [last, first] : [first, last];
  return {
    row: {
      first_name: written("first_name", names[0]!),
      surname: written("surname", names[1]!),
      dob: odd(noise.missing.dob, "no dob")
        ? undefined
        : odd(noise.dob, "dob off")
          ? dateSlip(random, self.dob)
          : self.dob,
      city: written("city", odd(noise.otherCity, "other city") ? cities.pick(random) : self.city),
      email: written(
        "email",
        odd(noise.otherEmail, "other email")
          ? `${self.last.toLowerCase()}${random.digits(2)}@mail.example`
          : self.email,
      ),
    },
    truth: { person, name: `${self.first} ${self.last}`, traits },
  };
}
