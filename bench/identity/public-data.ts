import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { literal, openEngine } from "../../src/engine/index.ts";

/** Where the public data sets lie; they are not in the repository. */
const folderOfData = process.env["ONECOPY_DATA"] ?? join(import.meta.dirname, "../../../shared/data");

const febrlTruth = "regexp_extract(rec_id, 'rec-([0-9]+)', 1)";
const febrlName = "rec_id, given_name, surname";

/** Files by name: which columns of them count, and who each record is in truth (SQL). */
export const publicSets = {
  "febrl 1": { path: "febrl/dataset1.csv", columns: "* EXCLUDE (soc_sec_id)", truth: febrlTruth },
  "febrl 2": { path: "febrl/dataset2.csv", columns: "* EXCLUDE (soc_sec_id)", truth: febrlTruth },
  "febrl 2, name and birth date only": {
    path: "febrl/dataset2.csv",
    columns: `${febrlName}, date_of_birth`,
    truth: febrlTruth,
  },
  "febrl 2, name and address only": {
    path: "febrl/dataset2.csv",
    columns: `${febrlName}, street_number, address_1, address_2, suburb, postcode, state`,
    truth: febrlTruth,
  },
  "fake 1000": { path: "fake_1000/fake_1000.csv", columns: "* EXCLUDE (cluster)", truth: "cluster" },
  "fake 1000 without e-mail": {
    path: "fake_1000/fake_1000.csv",
    columns: "* EXCLUDE (cluster, email)",
    truth: "cluster",
  },
} as const;

export type PublicSet = keyof typeof publicSets;

/** The path of a public file; undefined when it is not here. */
export function publicFile(name: PublicSet): string | undefined {
  const path = join(folderOfData, publicSets[name].path);
  return existsSync(path) ? path : undefined;
}

/** Writes a public set as a generator does its own. */
export async function writePublic(folder: string, name: PublicSet): Promise<void> {
  const { columns, truth } = publicSets[name];
  await mkdir(folder, { recursive: true });
  const engine = await openEngine({ spillFolder: join(folder, "spill") });
  const session = await engine.session();
  const rows = `read_csv(${literal(publicFile(name)!)}, all_varchar = true, header = true)`;
  const id = name.startsWith("febrl") ? "rec_id" : "unique_id";
  const copies = {
    people: `SELECT ${columns} FROM ${rows}`,
    truth: `SELECT 'people' AS source, ${id} AS id, ${truth} AS person FROM ${rows}`,
    why: `SELECT 'people' AS source, ${id} AS id, '' AS household, '' AS role, '' AS name, '' AS traits FROM ${rows}`,
  };
  for (const [file, query] of Object.entries(copies))
    await session.run(`COPY (${query}) TO ${literal(join(folder, `${file}.csv`))} (FORMAT csv, HEADER true)`);
  session.close();
  await engine.close();
}
