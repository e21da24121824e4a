import { Faker, base, de } from "@faker-js/faker";
import { Random } from "./random.ts";
import { type Row, shuffled } from "./rows.ts";

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
