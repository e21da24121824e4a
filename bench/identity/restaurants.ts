import { Faker, base, en } from "@faker-js/faker";
import { Random } from "./random.ts";
import { type Row, shuffled } from "./rows.ts";

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
