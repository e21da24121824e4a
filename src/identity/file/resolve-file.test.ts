import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { namesAndBirthDates, restaurants } from "../../../bench/identity/generate.ts";
import { dataSets } from "../../../bench/identity/data-sets.ts";
import { type Engine, literal, openEngine, type Session } from "../../engine/index.ts";
import { resolveFile, type ResolveFileOptions } from "./resolve-file.ts";

let folder: string;
let engine: Engine;
let session: Session;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "onecopy-resolve-file-"));
  engine = await openEngine({ spillFolder: join(folder, "spill") });
  session = await engine.session();
});

afterAll(async () => {
  session.close();
  await engine.close();
  await rm(folder, { recursive: true, force: true });
});

const people = `person,first_name,last_name,email
1,Ann,Lee,ann.lee@mail.com
1,Anne,Lee,ann.lee@mail.com
2,Bob,Ray,bob.ray@mail.com
,,,
`;

async function resolved(text: string, options: Partial<ResolveFileOptions> = {}, name = "people.csv") {
  const file = join(folder, name);
  await writeFile(file, text);
  const out = join(folder, "ids.csv");
  const found = await resolveFile(session, { file, out, ...options });
  const rows = (await readFile(options.out ?? out, "utf8")).trim().split("\n").slice(1);
  return {
    ...found,
    ids: rows.map((row) => row.split(",")[0]),
    profiles: rows.map((row) => row.split(",")[1]),
  };
}

describe("resolveFile", () => {
  test("every row gets a profile, in order, by its number where no column names it", async () => {
    const { ids, profiles, idColumn, evaluation } = await resolved(people, { truthColumn: "person" });
    expect(idColumn).toBeUndefined();
    expect(ids).toEqual(["1", "2", "3", "4"]);
    expect(profiles[0]).toBe(profiles[1]);
    expect(new Set(profiles).size).toBe(3);
    expect(evaluation).toMatchObject({ records: 3, precision: 1, recall: 1, f1: 1 });
  });

  test("neither the id nor the truth is evidence", async () => {
    const { tags } = await resolved(people, { truthColumn: "person" });
    expect(tags.map(({ column }) => column)).toEqual(["first_name", "last_name", "email"]);
    const noTruth = `id,first_name,last_name\na@x.com,Ann,Lee\nb@x.com,Ann,Lee\n`;
    const found = await resolved(noTruth);
    expect(found.idColumn).toBe("id");
    expect(found.tags.map(({ column }) => column)).not.toContain("id");
  });

  test("JSON lines in, Parquet out, the same people", async () => {
    const lines = `{"id": 7, "name": "Ann Lee", "mail": "ann@mail.com"}\n{"id": 8, "name": "LEE, ANN", "mail": "Ann@mail.com"}\n`;
    const file = join(folder, "people.jsonl");
    await writeFile(file, lines);
    const out = join(folder, "ids.parquet");
    await resolveFile(session, { file, out, tags: { name: "full_name", mail: "email" } });
    const rows = await session.rows<{ id: string; profile_id: string }>(`FROM read_parquet(${literal(out)})`);
    expect(rows.map(({ id }) => id)).toEqual(["7", "8"]);
    expect(rows[0]!.profile_id).toBe(rows[1]!.profile_id);
  });

  test("malformed lines are reported with line and reason, and hold up no other", async () => {
    const { ids, rejected, idColumn } = await resolved(
      'id,name,email\n1,Ann Lee,ann@x.com\n2,torn\n3,Bob Ray,bob@x.com,too,many\n4,"Cy ""C"" Poe",cy@x.com\n',
    );
    expect(idColumn).toBe("id");
    expect(ids).toEqual(["1", "4"]);
    expect(rejected).toMatchObject({ count: 2, first: [{ line: 3 }, { line: 4 }] });
  });

  test("a Latin-1 file is read as one", async () => {
    const file = join(folder, "latin.csv");
    await writeFile(file, Buffer.from("id,given_name,surname\n1,José,Muñoz\n2,Ann,Lee\n", "latin1"));
    const { rows } = await resolveFile(session, { file, out: join(folder, "ids.csv") });
    expect(rows).toBe(2);
  });

  test.each<[string, Partial<ResolveFileOptions>, string, string]>([
    ["id,name\n1,Ann\n2,Bob\n1,Cy\n", { idColumn: "id" }, "identity.duplicate_id", "rows 1 and 3"],
    ["id,name\n1,Ann\n,Bob\n", { idColumn: "id" }, "identity.null_id", "row 2"],
    ["id,name\n1,Ann\n", { idColumn: "nr" }, "identity.unknown_column", "id, name"],
    ["id,name\n1,Ann\n", { truthColumn: "who" }, "identity.unknown_column", "id, name"],
    ["id,name\n1,Ann\n", { tags: { nome: "full_name" } }, "identity.unknown_column", "nome"],
    ["id,weight\n1,3.5\n2,4.5\n", {}, "identity.no_evidence", "weight"],
    ["id,name\n1,Ann\n", { out: "ids.txt" }, "identity.out_format", ".txt"],
  ])("%j with %o is refused: %s", async (text, options, code, part) => {
    await expect(resolved(text, options)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(part),
    });
    expect((await readdir(folder)).filter((name) => name.endsWith(".partial"))).toEqual([]);
  });

  test("a file that is not there, or of another kind, is refused", async () => {
    const out = join(folder, "ids.csv");
    await expect(resolveFile(session, { file: join(folder, "none.csv"), out })).rejects.toMatchObject({
      code: "identity.file_not_found",
    });
    await writeFile(join(folder, "people.doc"), "x");
    await expect(resolveFile(session, { file: join(folder, "people.doc"), out })).rejects.toMatchObject({
      code: "identity.file_unreadable",
    });
  });
});

/** Floors, not records: what a change may not go below. */
describe("accuracy", () => {
  test.for([
    ["febrl 1", 0.98, {}],
    ["febrl 2", 0.98, {}],
    ["fake 1000", 0.93, { truthColumn: "cluster" }],
  ] as const)("%s", async ([name, floor, options], { skip }) => {
    const file = await dataSets.find((set) => set.name === name)!.file(folder);
    if (file === undefined) return skip("the public data set is not here: see bench/identity/data-sets.ts");
    let text = await readFile(file, "utf8");
    // The truth of these is in their ids: a column of its own takes its place.
    if (name.startsWith("febrl"))
      text = text.replace(/^rec_id/, "person,rec_id").replace(/^rec-(\d+)-/gm, "$1,rec-$1-");
    const { evaluation } = await resolved(text, { truthColumn: "person", ...options });
    expect(evaluation!.f1).toBeGreaterThan(floor);
  });

  test("names and birth dates only; restaurants of two guides", async () => {
    const csv = (rows: readonly Readonly<Record<string, string>>[]): string =>
      [Object.keys(rows[0]!), ...rows.map((row) => Object.values(row))]
        .map((row) => row.join(","))
        .join("\n");
    const births = await resolved(csv(namesAndBirthDates(4_000, 5)), {
      truthColumn: "person",
      tags: { birth_year: "birthdate", birth_month: "birthdate", birth_day: "birthdate" },
    });
    expect(births.evaluation!.f1).toBeGreaterThan(0.96);
    const places = await resolved(csv(restaurants(400, 6)), {
      truthColumn: "place",
      tags: { name: "full_name", address: "address", town: "city", phone: "phone" },
    });
    expect(places.evaluation!.f1).toBeGreaterThan(0.96);
  });
});
