import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openWorkbench, type Workbench } from "../../../test/workbench.ts";
import { resolveFiles, type ResolveFilesOptions } from "./resolve-files.ts";

let bench: Workbench;
beforeAll(async () => {
  bench = await openWorkbench("onecopy-bad-input-", {});
});
afterAll(() => bench.close());

async function resolved(
  content: string | Buffer,
  options: Partial<ResolveFilesOptions> = {},
  name = "people.csv",
) {
  const [file, out] = [join(bench.base, name), join(bench.base, "ids.csv")];
  await writeFile(file, content);
  const found = await resolveFiles(bench.session, { files: [file], out, ...options });
  const lines = (await readFile(out, "utf8")).trim().split("\n").slice(1);
  const profiles = new Map(lines.map((line) => line.split(",").slice(1) as [string, string]));
  return { ...found, profile: (id: string) => profiles.get(id), tags: found.files[0]!.tags };
}

function csv(rows: readonly (readonly (string | number)[])[]): string {
  return rows.map((row) => `${row.join(",")}\n`).join("");
}

/** People without a name in common, each of them twice under ids `a<n>` and `b<n>`. */
function twice(
  person: (i: number) => readonly (string | number)[],
  header: readonly string[],
  count = 60,
): string {
  const rows = Array.from({ length: count }, (_, i) => person(i));
  return csv([
    ["id", "who", ...header],
    ...rows.flatMap((row, i) => [
      [`a${i}`, i, ...row],
      [`b${i}`, i, ...row],
    ]),
  ]);
}

const latinGiven = "Ann Bob Cyd Dee Eli Fay Gus Hal Ida Jon Kim Lou Max Ned Ola Pam Quin Ray Sue Tom".split(
  " ",
);
const latinFamily = "Ash Birch Cedar Dogwood Elm Fir Gum Hazel Ironwood Juniper".split(" ");
const latin = (i: number): readonly (string | number)[] => [
  latinGiven[i % 20]!,
  latinFamily[Math.floor(i / 20)]! + latinGiven[(i * 3) % 20]!.toLowerCase(),
  `p${i * 37}@mail.test`,
  ["US", "DE", "FR"][i % 3]!,
  20 + (i % 50),
];
const latinHeader = ["first_name", "last_name", "email", "country", "age"];

describe("a column that is tagged wrongly", () => {
  test.each([
    ["age", "email", "has an @"],
    ["age", "phone", "five figures"],
    ["last_name", "birthdate", "has a figure"],
    ["age", "given_name", "has a letter"],
    ["email", "phone", "five figures"],
  ] as const)("%s as %s, which no value can be: says so", async (column, tag, part) => {
    await expect(
      resolved(twice(latin, latinHeader, 20), { tags: [{ column, tag }], truth: ["who"] }),
    ).rejects.toMatchObject({ code: "identity.wrong_tag", message: expect.stringContaining(part) });
  });

  test.each(["customer_key", "national_id", "foreign_key:club", "given_name"] as const)(
    "country as %s: what many share makes nobody one person",
    async (tag) => {
      const found = await resolved(twice(latin, latinHeader), {
        tags: [{ column: "country", tag }],
        truth: ["who"],
      });
      expect(found.evaluation).toMatchObject({ precision: 1, recall: 1 });
    },
  );
});

test("columns with nothing in them change nothing", async () => {
  const found = await resolved(
    twice((i) => [...latin(i), "", "", ""], [...latinHeader, "phone", "birth_date", "street"]),
    { truth: ["who"], tags: [{ column: "phone", tag: "phone" }] },
  );
  expect(found.evaluation).toMatchObject({ precision: 1, recall: 1 });
});

describe("50,000 rows of identical junk", () => {
  const ann = ["Ann,Lee,ann@lee.test,4155552671", "Ann,Lee,ann@lee.test,4155552671"];
  test.each([
    ["placeholders", "Test,User,test@test.com,5555555555", 50_001],
    ["a name and nothing else", "John,Smith,,", 50_001],
    ["nothing at all", ",,,", 50_001],
    ["a whole record", "John,Smith,js@mail.test,4155552672", 2],
  ])("%s: ends, and the real people are right", async (_, junk, people) => {
    const rows = Array.from({ length: 50_000 }, () => junk);
    const found = await resolved(`first_name,last_name,email,phone\n${[...rows, ...ann].join("\n")}\n`);
    expect(found.rows).toBe(50_002);
    expect(found.profile("50001")).toBe(found.profile("50002"));
    expect(found.profile("1")).not.toBe(found.profile("50001"));
    expect(found.profiles).toBe(people);
  });
});

test.each([
  ["one row", "id,first_name,last_name,email\n1,Ann,Lee,ann@lee.test\n", 1],
  ["no row", "id,first_name,last_name,email\n", 0],
])("a table of %s", async (_, text, people) => {
  expect((await resolved(text)).profiles).toBe(people);
});

test.each(["", "id,first_name,last_name,email\n1,,,\n"])(
  "%j: no column is evidence, and that is said",
  async (text) => {
    await expect(resolved(text)).rejects.toMatchObject({ code: "identity.no_evidence" });
  },
);

describe("keys", () => {
  const text = "id,first_name,last_name,email,ref\n,Ann,Lee,ann@lee.test,\n,Ann,Lee,ann@lee.test,\n";
  test("all null: as an id they are refused, as a foreign key they say nothing, and rows go by their numbers", async () => {
    await expect(resolved(text, { ids: ["id"] })).rejects.toMatchObject({ code: "identity.null_id" });
    const found = await resolved(text, { tags: [{ column: "ref", tag: "foreign_key:shop" }] });
    expect(found.files[0]!.idColumn).toBeUndefined();
    expect(found.profile("1")).toBe(found.profile("2"));
  });

  test("twice: an id that was named is refused, one that was not is none", async () => {
    const twiceThere = text.replaceAll("\n,", "\n7,");
    await expect(resolved(twiceThere, { ids: ["id"] })).rejects.toMatchObject({
      code: "identity.duplicate_id",
      message: expect.stringContaining("rows 1 and 2"),
    });
    expect((await resolved(twiceThere)).files[0]!.idColumn).toBeUndefined();
  });
});

test.each(["first_name", "last_name", "email", "street", "phone", "birth_date"])(
  "texts of a megabyte in %s that differ in one letter say nothing, and nothing hangs",
  async (column) => {
    const long = "ab cd12 ".repeat(125_000);
    const record = { first_name: "Bob", last_name: "Ray", email: "bob@ray.test", street: "2 Elm Street" };
    const contact = { phone: "4155552671", birth_date: "1980-02-03" };
    const ann = { ...record, ...contact, first_name: "Ann", last_name: "Lee", email: "ann@lee.test" };
    const lines = [
      ...[1, 2, 3].map((i) => ({ id: `x${i}`, ...record, ...contact, [column]: `${i}${long}@x.test` })),
      { id: "a", ...ann },
      { id: "b", ...ann },
    ];
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
    const tag = { first_name: "given_name", last_name: "surname", street: "address" }[column] ?? column;
    const found = await resolved(
      text,
      { tags: [{ column, tag: (tag === "birth_date" ? "birthdate" : tag) as "email" }] },
      "people.jsonl",
    );
    expect(found.rows).toBe(5);
    expect(found.profile("a")).toBe(found.profile("b"));
    expect(found.profile("x1")).not.toBe(found.profile("a"));
  },
);

test("encodings mixed in one file: each line is read as what it is", async () => {
  const header = "id,first_name,last_name,email,prénom\n";
  const line = (id: string): string => `${id},José,Muñoz,jose@munoz.test,x\n`;
  const found = await resolved(
    Buffer.concat([
      Buffer.from(header, "latin1"),
      Buffer.from(line("a"), "utf8"),
      Buffer.from(line("b"), "latin1"),
      Buffer.from("c,Zoë,Brontë,zoe@bronte.test,x\n", "utf8"),
    ]),
    { tags: [{ column: "prénom", tag: "none" }] },
  );
  expect(found.rows).toBe(3);
  expect(found.files[0]!.rejected.count).toBe(0);
  expect(found.profile("a")).toBe(found.profile("b"));
  expect(found.profile("c")).not.toBe(found.profile("a"));
});

test("UTF-16 is refused, with what to do", async () => {
  await expect(resolved(Buffer.from("\ufeffid,name\n1,Ann\n", "utf16le"))).rejects.toMatchObject({
    code: "identity.file_unreadable",
    message: expect.stringContaining("UTF-8"),
  });
});

describe("names that are not Latin", () => {
  const scripts: Readonly<Record<string, readonly [string, string]>> = {
    Cyrillic: [
      "Александр Дмитрий Максим Сергей Андрей Алексей Артём Илья Кирилл Михаил Анна Мария Елена Ольга Наталья",
      "Иванов Смирнов Кузнецов Попов Васильев Петров Соколов Михайлов Новиков Фёдоров Морозов",
    ],
    Chinese: ["伟 芳 娜 敏 静 丽 强 磊 军 洋 勇 艳 杰 娟 涛", "王 李 张 刘 陈 杨 赵 黄 周 吴 徐"],
    Japanese: [
      "太郎 花子 一郎 さくら 健太 美咲 大輔 陽菜 翔 葵 蓮 結衣 拓海 七海 涼",
      "佐藤 鈴木 高橋 田中 伊藤 渡辺 山本 中村 小林 加藤 吉田",
    ],
    Arabic: [
      "محمد أحمد علي فاطمة مريم خالد يوسف عمر ليلى سارة حسن إبراهيم نور هدى زينب",
      "العلي الحسن الخطيب المصري السيد حداد نجار شريف سليم منصور ناصر",
    ],
    Greek: [
      "Γιώργος Μαρία Δημήτρης Ελένη Νίκος Κατερίνα Παναγιώτης Βασιλική Κώστας Σοφία Γιάννης Άννα Χρήστος Ιωάννα Θανάσης",
      "Παπαδόπουλος Βλάχος Αγγελόπουλος Νικολαΐδης Γεωργίου Οικονόμου Δημητρίου Κωνσταντίνου Αλεξίου Μακρής Λάμπρου",
    ],
  };
  test.each(Object.keys(scripts))("%s: who is twice is one, and nobody else", async (script) => {
    const [given, family] = scripts[script]!.map((names) => names.split(" "));
    const person = (i: number): readonly string[] => [
      given![i % 15]!,
      family![i % 11]!,
      `19${50 + (i % 47)}-${String(1 + (i % 12)).padStart(2, "0")}-${String(1 + (i % 28)).padStart(2, "0")}`,
      ["Москва", "北京", "القاهرة"][i % 3]!,
    ];
    const parts = await resolved(twice(person, ["first_name", "last_name", "birth_date", "city"], 120), {
      truth: ["who"],
    });
    expect(parts.evaluation).toMatchObject({ precision: 1, recall: 1 });
    const whole = await resolved(
      twice((i) => [`${person(i)[0]} ${person(i)[1]}`, person(i)[2]!], ["full_name", "birth_date"], 120),
      { truth: ["who"] },
    );
    expect(whole.evaluation).toMatchObject({ precision: 1, recall: 1 });
  });
});
