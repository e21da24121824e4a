import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Tag } from "../../src/source/index.ts";
import { namesAndBirthDates } from "./birth-dates.ts";
import { households } from "./households.ts";
import { restaurants } from "./restaurants.ts";
import type { Row } from "./rows.ts";

/** A file of records with what its columns mean and who each is in truth. */
export interface DataSet {
  readonly name: string;
  /** Makes the file where it has to be made, and returns its path; undefined when it is not there. */
  file(folder: string): Promise<string | undefined>;
  readonly id: string;
  /** SQL over the file's columns. */
  readonly truth: string;
  readonly tags: Tags;
}

/** Where the public data sets lie; they are not in the repository. */
const publicData = process.env["ONECOPY_DATA"] ?? join(import.meta.dirname, "../../../shared/data");

type Tags = Readonly<Record<string, Tag>>;

const febrlName: Tags = { given_name: "given_name", surname: "surname" };
const febrlBirth: Tags = { date_of_birth: "birthdate" };
const febrlAddress: Tags = {
  street_number: "address",
  address_1: "address",
  address_2: "address2",
  suburb: "city",
  postcode: "postal",
  state: "state",
};
const febrl: Tags = { ...febrlName, ...febrlAddress, ...febrlBirth };
const nameAndBirth: Tags = { ...febrlName, ...febrlBirth };
const nameAndAddress: Tags = { ...febrlName, ...febrlAddress };
const febrlTruth = "regexp_extract(rec_id, 'rec-([0-9]+)', 1)";

const fakeWithoutEmail: Tags = {
  first_name: "given_name",
  surname: "surname",
  dob: "birthdate",
  city: "city",
};
const fake: Tags = { ...fakeWithoutEmail, email: "email" };

export const dataSets: readonly DataSet[] = [
  publicSet("febrl 1", "febrl/dataset1.csv", "rec_id", febrlTruth, febrl),
  publicSet("febrl 2", "febrl/dataset2.csv", "rec_id", febrlTruth, febrl),
  publicSet("febrl 2, name and birth date only", "febrl/dataset2.csv", "rec_id", febrlTruth, nameAndBirth),
  publicSet("febrl 2, name and address only", "febrl/dataset2.csv", "rec_id", febrlTruth, nameAndAddress),
  publicSet("fake 1000", "fake_1000/fake_1000.csv", "unique_id", "f.cluster", fake),
  publicSet(
    "fake 1000 without e-mail",
    "fake_1000/fake_1000.csv",
    "unique_id",
    "f.cluster",
    fakeWithoutEmail,
  ),
  generated("German names and birth dates, 10,000", namesAndBirthDates(10_000, 11), "person", {
    given_name: "given_name",
    surname: "surname",
    birth_year: "birthdate",
    birth_month: "birthdate",
    birth_day: "birthdate",
  }),
  generated("restaurants of two guides, 860", restaurants(660, 12), "place", {
    name: "full_name",
    address: "address",
    town: "city",
    phone: "phone",
  }),
  generated("households, 12,000", households(2_000, 13), "person", {
    first_name: "given_name",
    last_name: "surname",
    email: "email",
    phone: "phone",
    birthdate: "birthdate",
    address: "address",
    postal: "postal",
  }),
];

function publicSet(name: string, path: string, id: string, truth: string, tags: Tags): DataSet {
  const file = join(publicData, path);
  return { name, id, truth, tags, file: async () => (existsSync(file) ? file : undefined) };
}

function generated(name: string, rows: readonly Row[], truth: string, tags: Tags): DataSet {
  return {
    name,
    id: "id",
    truth,
    tags,
    async file(folder) {
      const path = join(folder, `${name.replace(/[^a-z0-9]+/gi, "-")}.csv`);
      const columns = Object.keys(rows[0]!);
      const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
      const lines = rows.map((row) => columns.map((column) => quoted(row[column] ?? "")).join(","));
      await writeFile(path, `${[columns.join(","), ...lines].join("\n")}\n`);
      return path;
    },
  };
}
