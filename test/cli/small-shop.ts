import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Two sources of a very small shop, in which Zoë Quimby-Örtel is twice, in an own folder that the caller removes. */
export async function smallShop(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "onecopy-shop-"));
  await mkdir(join(folder, "drops"), { recursive: true });
  await writeFile(
    join(folder, "drops", "customers.csv"),
    [
      "customer_id,first_name,last_name,email,phone,birth_date,street,city,zip,updated_at",
      "c1,Zoë,Quimby-Örtel,zoe.quimby@canary-mail.test,+1 415 555 2671,1984-03-09,17 Kestrel/Elm & Söhne Street,San Francisco,94110,2025-01-02T03:04:05Z",
      "c2,Bartholomew,Vandersloot,bart@vandersloot-canary.test,+1 415 555 2672,1971-11-30,4 Marmalade Avenue,Oakland,94601,2025-02-02T03:04:05Z",
      "c3,Imogen,Featherstone,imogen@featherstone-canary.test,+1 415 555 2673,1990-07-21,230 Pomegranate Road,Berkeley,94702,2025-03-02T03:04:05Z",
      "c4,torn line",
      "",
    ].join("\n"),
  );
  await writeFile(
    join(folder, "drops", "subscribers.jsonl"),
    [
      {
        id: "s1",
        firstName: "Zoe",
        lastName: "Quimby-Ortel",
        email: "ZOE.QUIMBY@canary-mail.test",
        subscribedAt: "2025-04-05T06:07:08Z",
      },
      {
        id: "s2",
        firstName: "Otis",
        lastName: "Grimaldi",
        email: "otis@grimaldi-canary.test",
        subscribedAt: "2025-04-06T06:07:08Z",
      },
    ]
      .map((row) => `${JSON.stringify(row)}\n`)
      .join(""),
  );
  await writeFile(
    join(folder, "onecopy.yaml"),
    `name: small-shop
lake: ./lake
state: ./state
sources:
  shop: { files: drops/customers.csv }
  newsletter: { files: drops/*.jsonl }
segments:
  everybody: { description: Everybody, rule: { attribute: records, op: ">=", value: 1 } }
syncs:
  everybody_out: { segment: everybody, destination: { folder: out, format: jsonl }, columns: [surname, email] }
shares:
  analytics: { tables: [unified.customer_360], recipients: [bi_team] }
`,
  );
  return folder;
}

/** What the sources hold of people: none of it may be in the state. */
export const CANARIES = [
  "Quimby-Örtel",
  "Quimby-Ortel",
  "zoe.quimby@canary-mail.test",
  "415 555 2671",
  "4155552671",
  "1984-03-09",
  "17 Kestrel/Elm & Söhne Street",
  "Bartholomew",
  "Vandersloot",
  "Marmalade Avenue",
  "Featherstone",
  "otis@grimaldi-canary.test",
] as const;
