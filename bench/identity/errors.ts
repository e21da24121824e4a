import type { Session } from "../../src/engine/index.ts";

/**
 * Why pairs are missed, and false ones found, by what the generator knows: tables to be printed, by title. Reads what `judge` made.
 * A pair has one cause, the first that applies; a trait is of a pair when either record has it.
 */
export async function errors(session: Session): Promise<Readonly<Record<string, readonly object[]>>> {
  await session.run(`
    CREATE OR REPLACE TEMP TABLE pair AS
    SELECT least(x.node, y.node) AS a, greatest(x.node, y.node) AS b, x.profile = y.profile AS found, list_distinct(x.traits || y.traits) AS traits,
      x.traits AS left_traits, y.traits AS right_traits,
      least(x.source, y.source) || ' + ' || greatest(x.source, y.source) AS sources
    FROM judged x JOIN judged y ON x.person = y.person AND x.r < y.r;
    CREATE OR REPLACE TEMP TABLE missed AS
    SELECT p.*, s.probability, s.met, ${missedCause()} AS cause FROM pair p LEFT JOIN scored s USING (a, b) WHERE NOT found;
    CREATE OR REPLACE TEMP TABLE wrong AS
    SELECT s.probability, s.met, ${falseCause} AS cause, list_distinct(x.traits || y.traits) AS traits,
      least(x.source, y.source) || ' + ' || greatest(x.source, y.source) AS sources
    FROM judged x JOIN judged y ON x.profile = y.profile AND x.r < y.r AND x.person <> y.person LEFT JOIN scored s ON s.a = least(x.node, y.node) AND s.b = greatest(x.node, y.node)`);
  const tables: Record<string, string> = {
    "missed pairs by cause": byCause("missed"),
    "missed pairs by trait (share: of the true pairs that have it)": `
      SELECT trait, count(*) AS missed, any_value(n) AS true_pairs, round(count(*) / any_value(n), 3) AS share
      FROM (SELECT unnest(traits) AS trait FROM missed) JOIN (SELECT trait, count(*) AS n FROM (SELECT unnest(traits) AS trait FROM pair) GROUP BY 1) USING (trait)
      GROUP BY trait ORDER BY missed DESC LIMIT 30`,
    "missed pairs by sources": `
      SELECT sources, count(*) FILTER (NOT found) AS missed, count(*) AS true_pairs, round(missed / true_pairs, 3) AS share
      FROM pair GROUP BY sources ORDER BY missed DESC LIMIT 20`,
    "false pairs by cause": byCause("wrong"),
    "false pairs by trait": `
      SELECT trait, count(*) AS wrong FROM (SELECT unnest(traits) AS trait FROM wrong) GROUP BY trait ORDER BY wrong DESC LIMIT 20`,
    "false pairs by sources":
      "SELECT sources, count(*) AS wrong FROM wrong GROUP BY sources ORDER BY wrong DESC LIMIT 20",
    "profiles of most people": `
      SELECT profile, count(*) AS records, count(DISTINCT person) AS people, count(DISTINCT household) AS households, mode(name) AS name
      FROM judged GROUP BY profile HAVING people > 1 ORDER BY people DESC, profile LIMIT 5`,
    "people in most profiles": `
      SELECT person, count(*) AS records, count(DISTINCT profile) AS profiles, mode(name) AS name
      FROM judged GROUP BY person HAVING profiles > 1 ORDER BY profiles DESC, person LIMIT 5`,
  };
  const shown: Record<string, readonly object[]> = {};
  for (const [title, query] of Object.entries(tables)) shown[title] = await session.rows(query);
  return shown;
}

/**
 * Missed: `against`, what the two say alone speaks against; `never_met`, it speaks for, and no key brought them together; `parted`, by the clustering.
 * False: `against`, joined by others only; `for`, the pair itself is taken for one person.
 */
function byCause(table: "missed" | "wrong"): string {
  const ways =
    table === "missed"
      ? `count(*) FILTER (probability >= 0.5 AND NOT met) AS never_met, count(*) FILTER (probability >= 0.5 AND met) AS parted`
      : `count(*) FILTER (probability >= 0.5) AS "for"`;
  return `SELECT cause, count(*) AS pairs, round(count(*) / sum(count(*)) OVER (), 3) AS share,
      count(*) FILTER (coalesce(probability, 0) < 0.5) AS against, ${ways}
    FROM ${table} GROUP BY cause ORDER BY pairs DESC LIMIT 40`;
}

/** The strongest reasons first. Those of one record only count when the other does not have the same. */
function missedCause(): string {
  const either = [
    "one field",
    "junk name",
    "gift",
    "gift within household",
    "e-mail only",
    "store's address",
    "names exchanged",
  ];
  const onlyOne = [
    "name before wedding",
    "role mailbox",
    "family mailbox",
    "parent's mailbox",
    "second mailbox",
    "old mailbox",
    "old address",
    "old phone",
    "relative's phone",
    "home phone",
  ];
  const slips = [
    "junk e-mail",
    "e-mail misspelt",
    "given name misspelt",
    "surname misspelt",
    "nickname",
    "initial",
    "birth date wrong",
    "phone misspelt",
  ];
  const has = (side: string, trait: string): string =>
    `list_contains(${side}, '${trait.replace("'", "''")}')`;
  const cases = [
    ...either.map((trait) => [has("p.traits", trait), trait]),
    ...onlyOne.map((trait) => [`${has("left_traits", trait)} <> ${has("right_traits", trait)}`, trait]),
    ...slips.map((trait) => [has("p.traits", trait), trait]),
  ].map(([condition, trait]) => `WHEN ${condition} THEN '${trait!.replace("'", "''")}'`);
  return `CASE ${cases.join(" ")} ELSE coalesce(list_sort(p.traits)[1], 'nothing odd') END`;
}

const falseCause = `CASE
  WHEN x.role = 'staff' OR y.role = 'staff' THEN 'staff tests'
  WHEN x.household = y.household AND x.name = y.name THEN 'one household, one name'
  WHEN x.household = y.household THEN 'one household: ' || least(x.role, y.role) || ' + ' || greatest(x.role, y.role)
  WHEN list_has_any(x.traits || y.traits, ['gift', 'gift within household']) THEN 'strangers, a gift'
  WHEN x.name = y.name THEN 'strangers of one name'
  WHEN list_contains(x.traits, 'role mailbox') AND list_contains(y.traits, 'role mailbox') THEN 'strangers, role mailboxes'
  ELSE 'other strangers' END`;
