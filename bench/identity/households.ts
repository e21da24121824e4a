import { Faker, base, en } from "@faker-js/faker";
import { Random } from "./random.ts";
import { type Row, shuffled } from "./rows.ts";

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
