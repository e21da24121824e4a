import { mkdir, mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { namesAndBirthDates } from "../../../bench/identity/birth-dates.ts";
import { restaurants } from "../../../bench/identity/restaurants.ts";
import { publicFile } from "../../../bench/identity/public-data.ts";
import { literal, type Session } from "../../engine/index.ts";
import { resolveFiles, type ResolveFilesOptions } from "./resolve-files.ts";
import type { GivenTag } from "./tags.ts";
import { type Workbench, openWorkbench } from "../../../test/workbench.ts";

let bench: Workbench;
let session: Session;
let folder: string;
beforeAll(async () => {
  bench = await openWorkbench("onecopy-resolve-files-", {});
  ({ session, base: folder } = bench);
});
afterAll(async () => {
  await bench.close();
});

const people = `person,first_name,last_name,email
1,Ann,Lee,ann.lee@mail.com
1,Anne,Lee,ann.lee@mail.com
2,Bob,Ray,bob.ray@mail.com
,,,
`;

async function resolved(text: string, options: Partial<ResolveFilesOptions> = {}, name = "people.csv") {
  const file = join(folder, name);
  await writeFile(file, text);
  return await resolvedFiles([file], options);
}

async function resolvedFiles(files: readonly string[], options: Partial<ResolveFilesOptions> = {}) {
  const out = join(folder, "ids.csv");
  const found = await resolveFiles(session, { files, out, ...options });
  const [header, ...lines] = (await readFile(options.out ?? out, "utf8")).trim().split("\n");
  const rows = lines.map((line) => line.split(","));
  return {
    ...found,
    header,
    tags: Object.fromEntries(
      found.files.flatMap(({ source, tags }) => tags.map((t) => [`${source}.${t.column}`, t.tag])),
    ),
    ids: rows.map(([source, id]) => `${source}:${id}`),
    profiles: rows.map(([, , profile]) => profile),
  };
}

/** Files in a folder of their own, by name. */
async function written(texts: Readonly<Record<string, string>>): Promise<string[]> {
  const inside = await mkdtemp(join(folder, "files-"));
  return await Promise.all(
    Object.entries(texts).map(async ([name, text]) => {
      await mkdir(dirname(join(inside, name)), { recursive: true });
      await writeFile(join(inside, name), text);
      return join(inside, name);
    }),
  );
}

describe("one file", () => {
  test("every row gets a profile, in order, by its number where no column names it", async () => {
    const { header, ids, profiles, files, evaluation } = await resolved(people, { truth: ["person"] });
    expect(header).toBe("source,id,profile_id");
    expect(files[0]!.idColumn).toBeUndefined();
    expect(ids).toEqual(["people:1", "people:2", "people:3", "people:4"]);
    expect(profiles[0]).toBe(profiles[1]);
    expect(new Set(profiles).size).toBe(3);
    expect(evaluation).toMatchObject({ records: 3, precision: 1, recall: 1, f1: 1, bCubed: { f1: 1 } });
  });

  test("neither the id nor the truth is evidence", async () => {
    const { tags } = await resolved(people, { truth: ["person"] });
    expect(Object.keys(tags)).toEqual(["people.first_name", "people.last_name", "people.email"]);
    const noTruth = `id,first_name,last_name\na@x.com,Ann,Lee\nb@x.com,Ann,Lee\n`;
    const found = await resolved(noTruth);
    expect(found.files[0]!.idColumn).toBe("id");
    expect(found.tags).not.toHaveProperty("people.id");
  });

  test("JSON lines in, Parquet out, the same people", async () => {
    const lines = `{"id": 7, "name": "Ann Lee", "mail": "ann@mail.com"}\n{"id": 8, "name": "LEE, ANN", "mail": "Ann@mail.com"}\n`;
    const [file] = await written({ "people.jsonl": lines });
    const out = join(folder, "ids.parquet");
    const tags = [
      { column: "name", tag: "full_name" },
      { column: "mail", tag: "email" },
    ] as const;
    await resolveFiles(session, { files: [file!], out, tags });
    const rows = await session.rows<{ source: string; id: string; profile_id: string }>(
      `FROM read_parquet(${literal(out)})`,
    );
    expect(rows.map(({ source, id }) => [source, id])).toEqual([
      ["people", "7"],
      ["people", "8"],
    ]);
    expect(rows[0]!.profile_id).toBe(rows[1]!.profile_id);
  });

  test("malformed lines are reported with line and reason, and hold up no other", async () => {
    const { ids, files } = await resolved(
      'id,name,email\n1,Ann Lee,ann@x.com\n2,torn\n3,Bob Ray,bob@x.com,too,many\n4,"Cy ""C"" Poe",cy@x.com\n',
    );
    expect(files[0]!.idColumn).toBe("id");
    expect(ids).toEqual(["people:1", "people:4"]);
    expect(files[0]!.rejected).toMatchObject({ count: 2, first: [{ line: 3 }, { line: 4 }] });
  });

  test.each<[string, Partial<ResolveFilesOptions>, string, string]>([
    ["id,name\n1,Ann\n2,Bob\n1,Cy\n", { ids: ["id"] }, "identity.duplicate_id", "rows 1 and 3"],
    ["id,name\n1,Ann\n,Bob\n", { ids: ["people=id"] }, "identity.null_id", "row 2"],
    ["id,name\n1,Ann\n", { ids: ["nr"] }, "identity.unknown_column", "id, name"],
    ["id,name\n1,Ann\n", { ids: ["people=nr"] }, "identity.unknown_column", "id, name"],
    ["id,name\n1,Ann\n", { ids: ["shop=id"] }, "identity.unknown_file", "the stems are people"],
    ["id,name\n1,Ann\n", { ids: ["id", "name"] }, "identity.two_columns", "Both id and name"],
    ["id,name\n1,Ann\n", { truth: ["who"] }, "identity.unknown_column", "id, name"],
    ["id,name\n1,Ann\n", tagged("nome", "full_name"), "identity.unknown_column", "nome"],
    ["id,name\n1,Ann\n", tagged("id", "national_id"), "identity.not_evidence", "the id of its rows"],
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
    await expect(resolveFiles(session, { files: [join(folder, "none.csv")], out })).rejects.toMatchObject({
      code: "identity.file_not_found",
    });
    await writeFile(join(folder, "people.doc"), "x");
    await expect(resolveFiles(session, { files: [join(folder, "people.doc")], out })).rejects.toMatchObject({
      code: "identity.file_unreadable",
    });
  });
});

function tagged(column: string, tag: GivenTag["tag"]): Partial<ResolveFilesOptions> {
  return { tags: [{ column, tag }] };
}

describe("several files", () => {
  const shop = `customer_id,first_name,last_name,email,who
10,Ann,Lee,ann.lee@mail.com,a
11,Bob,Ray,bob.ray@mail.com,b
12,Cy,Poe,cy.poe@mail.com,c
`;
  const orders = `order_id,customer_id,amount,who
o1,11,9.50,b
o2,11,3.25,b
o3,12,7.00,c
`;
  const crm = `{"id": "k1", "contact": "LEE, ANN", "mail": "Ann.Lee@mail.com", "who": "a"}
{"id": "k2", "contact": "Dee Fox", "mail": "dee@fox.test", "who": "d"}
`;

  test("with columns of their own are one population: by what they say, and by the keys of one in another", async () => {
    const files = await written({ "shop.csv": shop, "orders.csv": orders, "crm.jsonl": crm });
    const { ids, profiles, tags, evaluation, files: each } = await resolvedFiles(files, { truth: ["who"] });
    expect(ids).toEqual([
      ...["shop:10", "shop:11", "shop:12", "orders:o1", "orders:o2", "orders:o3", "crm:k1", "crm:k2"],
    ]);
    expect(tags).toMatchObject({ "orders.customer_id": "foreign_key:shop", "crm.mail": "email" });
    expect(each.map(({ source, rows, idColumn }) => [source, rows, idColumn])).toEqual([
      ["shop", 3, "customer_id"],
      ["orders", 3, "order_id"],
      ["crm", 2, "id"],
    ]);
    const of = (id: string) => profiles[ids.indexOf(id)];
    expect(of("orders:o1")).toBe(of("shop:11"));
    expect(of("orders:o3")).toBe(of("shop:12"));
    expect(of("crm:k1")).toBe(of("shop:10"));
    expect(new Set(profiles).size).toBe(4);
    expect(evaluation).toMatchObject({ records: 8, people: 4, f1: 1, bCubed: { f1: 1 } });
  });

  test("a column that stands once for each of its customers is their key too", async () => {
    const files = await written({ "shop.csv": shop, "orders.csv": orders.replace("o2,11", "o2,10") });
    const { tags } = await resolvedFiles(files, { truth: ["who"] });
    expect(tags).toMatchObject({ "orders.customer_id": "foreign_key:shop" });
  });

  test("ids and tags are said for one file, or for all", async () => {
    const a = "nr,key,name,mail,x\n1,A,Ann Lee,ann@mail.test,a\n2,B,Bob Ray,bob@mail.test,b\n";
    const b = "nr,key,name,note,x\n1,A,Ann Lee,ann@mail.test,c\n1,C,Cy Poe,cy@mail.test,d\n";
    const files = await written({ "a.csv": a, "b.v2.csv": b });
    const found = await resolvedFiles(files, {
      ids: ["key", "a=nr"],
      tags: [
        { column: "x", tag: "national_id" },
        { column: "b.v2.x", tag: "none" },
        { column: "b.v2.note", tag: "email" },
      ],
    });
    expect(found.ids).toEqual(["a:1", "a:2", "b.v2:A", "b.v2:C"]);
    expect(found.tags).toMatchObject({ "a.x": "national_id", "b.v2.note": "email" });
    expect(found.tags).not.toHaveProperty(["b.v2.x"]);
    expect(found.profiles[0]).toBe(found.profiles[2]);
  });

  test("malformed lines are reported of the file that has them", async () => {
    const files = await written({ "a.csv": "id,name,email\n1,Ann Lee,a@x.test\n2,torn\n", "b.jsonl": crm });
    const { files: each } = await resolvedFiles(files, tagged("contact", "full_name"));
    expect(each.map(({ rejected }) => rejected.count)).toEqual([1, 0]);
  });

  test.each<[string, Partial<ResolveFilesOptions>, string, string]>([
    ["the same stem", {}, "identity.same_stem", "other/shop.csv"],
    ["an unknown stem of an id", { ids: ["till=id"] }, "identity.unknown_file", "stems are shop, crm"],
    [
      "an unknown stem of a tag",
      tagged("till.mail", "email"),
      "identity.unknown_file",
      "stems are shop, crm",
    ],
    ["an unknown column of a file", tagged("crm.email", "email"), "identity.unknown_column", "id, contact"],
    ["a column that no file has", { truth: ["person"] }, "identity.unknown_column", "crm has id, contact"],
    ["an id twice in one file", { ids: ["who"] }, "identity.duplicate_id", "of shop"],
  ])("%s is refused: %o, %s", async (name, options, code, part) => {
    const files = await written({
      "shop.csv": shop.replace("12,Cy,Poe,cy.poe@mail.com,c", "12,Cy,Poe,cy.poe@mail.com,a"),
      [name === "the same stem" ? "other/shop.csv" : "crm.jsonl"]: name === "the same stem" ? shop : crm,
    });
    await expect(resolvedFiles(files, options)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(part),
      remedy: expect.any(String),
    });
  });

  test("a key of a file whose rows have no id is refused", async () => {
    const files = await written({ "a.csv": "name\nAnn Lee\nAnn Lee\n", "b.csv": "id,ref\n1,1\n2,2\n" });
    const options = { tags: [...tagged("ref", "foreign_key:a").tags!, ...tagged("name", "full_name").tags!] };
    await expect(resolvedFiles(files, options)).rejects.toMatchObject({
      code: "identity.no_key",
      remedy: "Name it with --id a=COLUMN.",
    });
  });
});

/** Floors, not records: what a change may not go below. */
describe("accuracy", () => {
  test.for([
    ["febrl 1", 0.98, {}],
    ["febrl 2", 0.98, {}],
    ["fake 1000", 0.93, { truth: ["cluster"] }],
  ] as const)("%s", async ([name, floor, options], { skip }) => {
    const file = publicFile(name);
    if (file === undefined) return skip("the public data set is not here: see bench/identity/public-data.ts");
    let text = await readFile(file, "utf8");
    // The truth of these is in their ids: a column of its own takes its place.
    if (name.startsWith("febrl"))
      text = text.replace(/^rec_id/, "person,rec_id").replace(/^rec-(\d+)-/gm, "$1,rec-$1-");
    const { evaluation } = await resolved(text, { truth: ["person"], ...options });
    expect(evaluation!.f1).toBeGreaterThan(floor);
  });

  test("names and birth dates only; restaurants of two guides", async () => {
    const csv = (rows: readonly Readonly<Record<string, string>>[]): string =>
      [Object.keys(rows[0]!), ...rows.map((row) => Object.values(row))]
        .map((row) => row.join(","))
        .join("\n");
    const births = await resolved(csv(namesAndBirthDates(4_000, 5)), {
      truth: ["person"],
    });
    expect(births.evaluation!.f1).toBeGreaterThan(0.96);
    const places = await resolved(csv(restaurants(400, 6)), {
      truth: ["place"],
    });
    expect(places.evaluation!.f1).toBeGreaterThan(0.96);
  });
});
