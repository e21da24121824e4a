import { Faker, base, de, en } from "@faker-js/faker";
import { Random } from "./random.ts";

export type Row = Readonly<Record<string, string>>;

/**
 * People of whom only name and birth date are known, German names: nine of ten records are somebody's only one, every tenth is a second record with one
 * error in one field.
 */
export function namesAndBirthDates(records: number, seed: number): Row[] {
  const random = new Random(seed);
  const faker = new Faker({ locale: [de, base], seed });
  const given = Array.from({ length: 250 }, () => faker.person.firstName());
  const family = Array.from({ length: 1500 }, () => faker.person.lastName());
  const originals = Math.round(records * 0.9);
  const rows: Row[] = [];
  for (let person = 0; person < originals; person++)
    rows.push({
      person: String(person),
      given_name: random.pickSkewed(given),
      surname: random.pickSkewed(family),
      birth_year: String(1925 + random.below(80)),
      birth_month: String(1 + random.below(12)),
      birth_day: String(1 + random.below(28)),
    });
  while (rows.length < records) {
    const row = rows[random.below(originals)]!;
    rows.push({ ...row, ...oneError(row, random) });
  }
  return shuffled(rows, random);
}

function oneError(row: Row, random: Random): Row {
  const field = random.pick(["given_name", "surname", "birth_year", "birth_month", "birth_day"]);
  if (field === "given_name" || field === "surname") return { [field]: random.typo(row[field]!) };
  const step = random.pick([-1, 1, 2]);
  return { [field]: String(Math.max(1, Number(row[field]) + step)) };
}

/** Two guides' entries for the same restaurants: name, address, town and phone, each guide with its own habits. */
export function restaurants(places: number, seed: number): Row[] {
  const random = new Random(seed);
  const faker = new Faker({ locale: [en, base], seed });
  const rows: Row[] = [];
  const kinds = [
    "cafe",
    "grill",
    "restaurant",
    "bistro",
    "diner",
    "house",
    "kitchen",
    "bar",
    "deli",
    "palace",
  ];
  for (let place = 0; place < places; place++) {
    const [kind, owner] = [random.pick(kinds), faker.person.lastName()];
    const name = random.pick([
      `${owner}'s ${kind}`,
      `the ${faker.word.adjective()} ${kind}`,
      `${faker.word.noun()} ${kind}`,
      owner,
    ]);
    const street = `${1 + random.below(2000)} ${faker.location.street()}`;
    const town = random.pick(["los angeles", "new york", "atlanta", "san francisco", "chicago"]);
    const phone = `${200 + random.below(700)}${200 + random.below(700)}${1000 + random.below(9000)}`;
    const digits = /^(\d{3})(\d{3})(\d{4})$/.exec(phone)!;
    rows.push({
      place: String(place),
      name,
      address: street,
      town,
      phone: `${digits[1]}/${digits[2]}-${digits[3]}`,
    });
    if (!random.chance(0.3)) continue;
    rows.push({
      place: String(place),
      name: random.pick([name, name, name.replace(/^the /, ""), `${name} ${town}`, random.typo(name)]),
      address: random.pick([
        street,
        street.replace("Street", "St."),
        street.replace("Avenue", "Ave."),
        `${street} near the park`,
        random.typo(street),
      ]),
      town: random.pick([town, town, "downtown"]),
      phone: random.chance(0.9)
        ? `${digits[1]}-${digits[2]}-${digits[3]}`
        : `${digits[1]}-${digits[2]}-${1000 + random.below(9000)}`,
    });
  }
  return shuffled(rows, random);
}

/** Families at one address, with one mailbox and telephone: spouses, children, fathers and sons of one name. Each person has 1–4 records. */
export function households(families: number, seed: number): Row[] {
  const random = new Random(seed);
  const faker = new Faker({ locale: [en, base], seed });
  const given = Array.from({ length: 200 }, () => faker.person.firstName());
  const rows: Row[] = [];
  let person = 0;
  for (let home = 0; home < families; home++) {
    const surname = faker.person.lastName();
    const address = `${1 + random.below(400)} ${faker.location.street()}`;
    const postal = String(10000 + random.below(300));
    const shared = {
      email: `${surname.toLowerCase()}${home}@mail.example`,
      phone: `212555${1000 + random.below(9000)}`,
    };
    const members = 1 + random.below(4);
    const father = random.pickSkewed(given);
    for (let member = 0; member < members; member++, person++) {
      const first =
        member === 1 && random.chance(0.1) ? father : member === 0 ? father : random.pickSkewed(given);
      const year =
        member < 2 && first !== father ? 1955 + random.below(30) : 1930 + 28 * member + random.below(20);
      const born = `${year}-${String(1 + random.below(12)).padStart(2, "0")}-${String(1 + random.below(28)).padStart(2, "0")}`;
      const own = {
        email: `${first.toLowerCase()}.${person}@post.example`,
        phone: `646555${1000 + random.below(9000)}`,
      };
      for (let record = 1 + random.below(4); record > 0; record--)
        rows.push({
          person: String(person),
          first_name: random.chance(0.08) ? random.typo(first) : first,
          last_name: random.chance(0.05) ? random.typo(surname) : surname,
          email: random.chance(0.2) ? "" : random.chance(0.4) ? shared.email : own.email,
          phone: random.chance(0.3) ? "" : random.chance(0.4) ? shared.phone : own.phone,
          birthdate: random.chance(0.4) ? "" : born,
          address: random.chance(0.3) ? "" : address,
          postal,
        });
    }
  }
  return shuffled(rows, random);
}

function shuffled(rows: readonly Row[], random: Random): Row[] {
  return rows
    .map((row) => ({ row, place: random.next() }))
    .sort((left, right) => left.place - right.place)
    .map(({ row }, i) => ({ id: String(i), ...row }));
}
