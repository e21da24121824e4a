import { OneCopyError } from "../base/index.ts";
import { type Session, type Value, ident, literal } from "../engine/index.ts";
import { orderCounts, orderFacts, revenues } from "./attributes.ts";

/** What is looked up in: relations by table name. */
export interface ProfileRelations {
  readonly "unified.customer_360": string;
  readonly "unified.unified_coalesced": string;
}

export interface Profile {
  readonly profileId: string;
  /** The merged fields. */
  readonly merged: Readonly<Record<string, Value>>;
  /** Orders, revenue, and the numbers of records and sources. */
  readonly attributes: Readonly<Record<string, Value>>;
}

export interface ProfileRecord {
  readonly source: string;
  readonly recordId: string;
  /** What the record says: only what it has a value for. */
  readonly values: Readonly<Record<string /* column of unified_coalesced */, Value>>;
}

export interface FoundProfile {
  readonly profileId: string;
  readonly name: string | null;
  readonly email: string | null;
  readonly city: string | null;
  readonly records: number;
}

const attributeColumns: ReadonlySet<string> = new Set([
  ...orderFacts,
  ...orderCounts,
  ...revenues,
  "records",
  "sources",
]);
/** More records than this are no person, but a mistake that nobody reads to its end. */
const MOST_RECORDS = 1000;
const MOST_FOUND = 200;
const LONGEST_TEXT = 200;

/** One person's row of `customer_360`; undefined when there is no such profile. */
export async function readProfile(
  session: Session,
  relations: ProfileRelations,
  profileId: string,
): Promise<Profile | undefined> {
  const [row] = await session.rows(
    `SELECT * FROM ${relations["unified.customer_360"]} WHERE profile_id = ${literal(profileId)}`,
  );
  if (row === undefined) return undefined;
  const fields = Object.entries(row).filter(([name]) => name !== "profile_id");
  return {
    profileId,
    merged: Object.fromEntries(fields.filter(([name]) => !attributeColumns.has(name))),
    attributes: Object.fromEntries(fields.filter(([name]) => attributeColumns.has(name))),
  };
}

/** The source records of a person, at most 1000, by source and id. */
export async function profileRecords(
  session: Session,
  relations: ProfileRelations,
  profileId: string,
): Promise<ProfileRecord[]> {
  const rows = await session.rows(`SELECT * FROM ${relations["unified.unified_coalesced"]}
    WHERE profile_id = ${literal(profileId)} ORDER BY source, record_id LIMIT ${MOST_RECORDS}`);
  return rows.map(({ source, record_id, profile_id: _profile, ...values }) => ({
    source: String(source),
    recordId: String(record_id),
    values: Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null)),
  }));
}

/**
 * People any of whose records fits the text: the name (all words, in any order, beginnings of words before parts of
 * them), e-mail address, part of a phone number, record id or profile id. Small and capital letters and accents make no
 * difference. The best first; without a text those with most records. Fails with `profile.bad_search`.
 */
export async function searchProfiles(
  session: Session,
  relations: ProfileRelations,
  text: string,
  limit: number,
): Promise<FoundProfile[]> {
  if (
    !Number.isInteger(limit) ||
    limit < 1 ||
    limit > MOST_FOUND ||
    text.length > LONGEST_TEXT ||
    text.includes("\0")
  )
    throw new OneCopyError(
      "profile.bad_search",
      `A search takes a text of at most ${LONGEST_TEXT} characters and a limit from 1 to ${MOST_FOUND}.`,
      { remedy: "Search for fewer words." },
    );
  const people = relations["unified.customer_360"];
  const present = new Set((await session.describe(`SELECT * FROM ${people}`)).map(({ name }) => name));
  const shown = (["full_name", "email", "city"] as const).map((name) =>
    present.has(name) ? `p.${name}` : `NULL AS ${name}`,
  );
  const columns = `p.profile_id, ${shown.join(", ")}, p.records`;
  const query =
    text.trim() === ""
      ? `SELECT ${columns} FROM ${people} p ORDER BY p.records DESC, p.profile_id LIMIT ${limit}`
      : `SELECT ${columns} FROM (${await ranked(session, relations["unified.unified_coalesced"], text, limit)}) found
         JOIN ${people} p USING (profile_id) ORDER BY found.score DESC, p.profile_id`;
  const rows = await session.rows<{
    profile_id: string;
    full_name: string | null;
    email: string | null;
    city: string | null;
    records: number;
  }>(query);
  return rows.map(({ profile_id, full_name, email, city, records }) => ({
    profileId: profile_id,
    name: full_name,
    email,
    city,
    records,
  }));
}

async function ranked(session: Session, records: string, text: string, limit: number): Promise<string> {
  const present = new Set((await session.describe(`SELECT * FROM ${records}`)).map(({ name }) => name));
  const value = (name: string): string => (present.has(name) ? `coalesce(${ident(name)}, '')` : "''");
  const exact = literal(text.trim());
  const wanted = folded(exact);
  const words = [...new Set(text.trim().split(/\s+/))].slice(0, 8).map((word) => folded(literal(word)));
  const every = (test: (word: string) => string): string => words.map(test).join(" AND ");
  // A leading zero or two stand where the country's code stands in an international number.
  const digits = /^[+\d\s()./-]+$/.test(text) ? text.replaceAll(/\D/g, "").replace(/^0+/, "") : "";
  const figures = [...digits].join("[^0-9]*");
  const cases = [
    `WHEN profile_id = ${exact} THEN 100`,
    `WHEN email = ${wanted} THEN 90`,
    `WHEN record_id = ${exact} OR key = ${exact} THEN 85`,
    `WHEN name = ${wanted} THEN 80`,
    `WHEN starts_with(name, ${wanted}) THEN 70`,
    `WHEN ${every((word) => `contains(' ' || name, ' ' || ${word})`)} THEN 60`,
    `WHEN starts_with(email, ${wanted}) THEN 50`,
    ...(digits.length < 3
      ? []
      : [
          `WHEN regexp_matches(phone, '${figures}[^0-9]*$') THEN 45`,
          `WHEN regexp_matches(phone, '${figures}') THEN 40`,
        ]),
    `WHEN ${every((word) => `contains(name || ' ' || email, ${word})`)} THEN 30`,
    `WHEN length(${exact}) >= 6 AND starts_with(profile_id, ${exact}) THEN 20`,
  ];
  return `SELECT profile_id, max(score) AS score
    FROM (SELECT profile_id, CASE ${cases.join(" ")} ELSE 0 END AS score
      FROM (SELECT profile_id, record_id, ${value("customer_key")} AS key, ${folded(value("full_name"))} AS name,
          ${folded(value("email"))} AS email, ${value("phone")} AS phone
        FROM ${records} WHERE profile_id IS NOT NULL))
    WHERE score > 0 GROUP BY profile_id ORDER BY score DESC, profile_id LIMIT ${limit}`;
}

/** Small letters without accents; letters that lose nothing by it are spelled out. Most texts have none of that, which is ten times as fast. */
function folded(text: string): string {
  const spelled = `replace(replace(translate(strip_accents(lower(${text})), 'łøđðı', 'loddi'), 'ß', 'ss'), 'æ', 'ae')`;
  return `CASE WHEN strlen(${text}) = length(${text}) THEN lower(${text}) ELSE ${spelled} END`;
}
