import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Serving, onecopy, serve } from "../cli/command.ts";

const PYTHON = new URL("../../.venv/bin/python", import.meta.url).pathname;
const EXTENSIONS = new URL("../../.venv/duckdb-extensions", import.meta.url).pathname;
const README = new URL("../../README.md", import.meta.url);

/** What every reader must give of `people`, as lines of text. */
const SHOW = `
columns = ["profile_id", "full_name", "email", "orders_lifetime", "revenue_lifetime", "records"]
def text(column, value):
    if value is None or value != value: return ""
    if column == "revenue_lifetime": return f"{value:.2f}"
    return str(int(value)) if isinstance(value, float) else str(value)
for line in sorted("|".join(text(c, row[c]) for c in columns) for row in people.to_dict("records")): print("row:" + line)
`;

/** The README's own words, run on a demo of 300 people. */
describe("the README's ways to read customer_360", () => {
  let folder: string;
  let serving: Serving;
  let wanted: string[];
  let blocks: { language: string; code: string }[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "onecopy-readme-"));
    expect(await onecopy(["demo", "--people", "300"], { cwd: folder })).toMatchObject({ code: 0 });
    const sql =
      "select concat_ws('|', profile_id, coalesce(full_name, ''), coalesce(email, ''), orders_lifetime, revenue_lifetime, records) as line from unified.customer_360";
    const { stdout } = await onecopy(["query", sql, "--json", "--project", "demo"], { cwd: folder });
    wanted = (JSON.parse(stdout) as { line: string }[]).map(({ line }) => line).sort();
    serving = await serve(join(folder, "demo"));
    blocks = [...(await readFile(README, "utf8")).matchAll(/```(\w+)\n([\s\S]*?)```/g)].map((match) => ({
      language: match[1]!,
      code: match[2]!,
    }));
  }, 180_000);
  afterAll(async () => {
    await serving.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test("DuckDB, from the folder", async () => {
    const sql = block("sql", "delta_scan").trim().replace(/;$/, "");
    const code = `import duckdb
db = duckdb.connect(config={"extension_directory": ${JSON.stringify(EXTENSIONS)}})
db.execute("LOAD delta")
print("row:" + str(db.execute(${JSON.stringify(sql)}).fetchone()[0]))
people = db.execute("FROM delta_scan('demo/lake/unified/customer_360')").df()
${SHOW}`;
    const [count, ...rows] = await python(code);
    expect(Number(count)).toBe(wanted.length);
    expect(rows).toEqual(wanted);
  });

  test("delta-rs and pandas, from the folder", async () => {
    expect(await python(block("python", "DeltaTable") + SHOW)).toEqual(wanted);
  });

  test("PyIceberg, through the catalog", async () => {
    const code = block("python", "pyiceberg")
      .replace("http://127.0.0.1:4321", serving.url)
      .replace("token=TOKEN", `token=${JSON.stringify(serving.token)}`);
    expect(await python(code + SHOW)).toEqual(wanted);
  });

  test("delta-sharing, as a recipient", async () => {
    const command = block("sh", "recipient profile").trim().replace("./bin/onecopy ", "").split(/\s+/);
    expect(await onecopy([...command, "--endpoint", serving.url], { cwd: folder })).toMatchObject({
      code: 0,
    });
    expect(await python(block("python", "delta_sharing") + SHOW)).toEqual(wanted);
  });

  function block(language: string, word: string): string {
    const found = blocks.find((one) => one.language === language && one.code.includes(word));
    if (found === undefined) throw new Error(`The README has no ${language} block with ${word}.`);
    return found.code;
  }

  async function python(code: string): Promise<string[]> {
    const { stdout } = await promisify(execFile)(PYTHON, ["-W", "ignore", "-c", code], {
      cwd: folder,
      maxBuffer: 2 ** 26,
    });
    return stdout
      .split("\n")
      .filter((line) => line.startsWith("row:"))
      .map((line) => line.slice(4));
  }
});
