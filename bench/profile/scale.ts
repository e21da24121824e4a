import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ident, literal, openEngine } from "../../src/engine/index.ts";
import { ProfileConfig, type ProfileSource, profileTables, searchProfiles } from "../../src/profile/index.ts";

/**
 * Seconds, and seconds of processor time, that each unified table takes, as Parquet, with the engine's memory limited:
 * `npx tsx bench/profile/scale.ts RECORDS MEMORY [WINNER]`, such as `10000000 4GB`. Records are half of a shop, half of an
 * e-mail tool, four to a person; half as many orders.
 */
const [records = "1000000", memory = "2GB", winner = "most_recent"] = process.argv.slice(2);
const half = Math.floor(Number(records) / 2);
const folder = await mkdtemp(join(tmpdir(), "onecopy-scale-"));
const engine = await openEngine({ spillFolder: join(folder, "spill"), memoryLimit: memory, threads: 2 });
const session = await engine.session();

const relations: Record<string, string> = {};
async function make(name: string, sql: string): Promise<void> {
  const file = join(folder, `${name}.parquet`);
  const startedMs = performance.now();
  const startedCpu = process.cpuUsage();
  await session.run(`COPY (${sql}) TO ${literal(file)} (FORMAT parquet)`);
  relations[name] = `read_parquet(${literal(file)})`;
  const [row] = await session.rows<{ n: number }>(`SELECT count(*) AS n FROM ${relations[name]}`);
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  const { user, system } = process.cpuUsage(startedCpu);
  const cpu = ((user + system) / 1e6).toFixed(1);
  console.log(
    `${name.padEnd(32)} ${String(row!.n).padStart(10)} rows ${seconds.padStart(7)} s ${cpu.padStart(7)} s of processor ${((await stat(file)).size / 1e6).toFixed(0).padStart(6)} MB`,
  );
}

const sources: ProfileSource[] = [
  {
    name: "shop",
    relationName: "raw.shop",
    idColumn: "id",
    tags: {
      id: "customer_key",
      first: "given_name",
      last: "surname",
      mail: "email",
      tel: "phone",
      street: "address",
      town: "city",
      zip: "postal",
      born: "birthdate",
      changed: "updated_time",
    },
  },
  {
    name: "mail",
    relationName: "raw.mail",
    idColumn: "id",
    tags: { name: "full_name", mail: "email", changed: "updated_time" },
  },
  {
    name: "orders",
    relationName: "raw.orders",
    idColumn: "id",
    tags: {
      id: "transaction_key",
      who: "foreign_key:shop",
      at: "transaction_time",
      total: "transaction_amount",
    },
  },
];

try {
  const person = "(hash(i) % 2500000)";
  await make(
    "raw.shop",
    `SELECT i AS id, 'Given' || ${person} % 5000 AS first, 'Surname' || ${person} % 70000 AS last, 'user' || ${person} || '@mail' || i % 50 || '.example.org' AS mail,
    '+4917' || ${person} AS tel, 'Long Street Name ' || hash(i * 3) % 900 AS street, 'Town ' || ${person} % 9000 AS town, CAST(10000 + ${person} % 89999 AS VARCHAR) AS zip,
    strftime(DATE '1940-01-01' + (${person} % 25000)::INTEGER, '%d/%m/%Y') AS born, TIMESTAMP '2020-01-01' + INTERVAL (hash(i * 7) % 2000000) MINUTE AS changed FROM range(${half}) t(i)`,
  );
  await make(
    "raw.mail",
    `SELECT 'm' || i AS id, 'Given' || ${person} % 5000 || ' Surname' || ${person} % 70000 AS name, 'user' || ${person} || '@mail.example.org' AS mail,
    '2024-0' || 1 + i % 9 || '-1' || i % 10 || 'T10:00:00Z' AS changed FROM range(${half}) t(i)`,
  );
  await make(
    "raw.orders",
    `SELECT 'o' || i AS id, (hash(i) % ${half})::DOUBLE AS who, TIMESTAMP '2024-01-01' + INTERVAL (hash(i) % 1500000) MINUTE AS at, (hash(i) % 100000) / 100 AS total FROM range(${half}) t(i)`,
  );
  await make(
    "identity.assignments",
    `SELECT 'shop' AS source, CAST(i AS VARCHAR) AS record_id, 'p-' || md5(CAST(i % ${Math.ceil(half / 2)} AS VARCHAR)) AS profile_id FROM range(${half}) t(i)
    UNION ALL SELECT 'mail', 'm' || i, 'p-' || md5(CAST(i % ${Math.ceil(half / 2)} AS VARCHAR)) FROM range(${half}) t(i)`,
  );
  for (const table of profileTables(ProfileConfig.parse({ winner }), sources))
    await make(table.name, table.sql(relations, "2026-11-22"));
  for (const text of ["given17 surname", "user1234567@mail.example.org", "+49171234", "zzzz"]) {
    const startedMs = performance.now();
    const found = await searchProfiles(session, relations as never, text, 20);
    console.log(
      `search ${ident(text)}: ${found.length} found, ${((performance.now() - startedMs) / 1000).toFixed(1)} s`,
    );
  }
} finally {
  session.close();
  await engine.close();
  await rm(folder, { recursive: true });
}
