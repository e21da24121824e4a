/**
 * One small installation, in the shapes of the admin API: what the browser tests show on the page. Values are chosen
 * for what they put to the test: thousands, a missing value, other letters, one character that HTML would read.
 */

import type { Overview, ProfileDetail, ProfileSummary } from "../../src/server/index.ts";

type Cells = ProfileDetail["records"][number]["values"];

const web = { source: "web_shop", recordId: "W-10421" };
const loyalty = { source: "loyalty", recordId: "77120" };
const desk = { source: "support_desk", recordId: "t/9 & 11" };
const mail = { source: "newsletter", recordId: "a1f9" };
const mailAgain = { source: "newsletter", recordId: "b7c2" };

export const overview: Overview = {
  name: "retailer",
  revision: 3,
  lake: "file:///srv/demo/lake",
  sources: [
    source("web_shop", "files", "input/web_shop/*.csv", 18_204, {
      email: "email",
      first: "given_name",
      last: "surname",
    }),
    source("loyalty", "mount", "input/loyalty", 21_377, { mail: "email", tel: "phone", name: "full_name" }),
    source("newsletter", "files", "input/newsletter/*.jsonl", 9_860, { email: "email" }),
    source("support_desk", "files", "input/support/*.csv", 4_115, { customer: "full_name", phone: "phone" }),
    source("orders", "files", "input/orders/*.parquet", 52_931, {
      order_id: "transaction_key",
      customer: "foreign_key:web_shop",
    }),
  ],
  people: { profiles: 20_113, records: 53_556 },
  tables: [
    table("unified.customer_360", 4, 20_113, 3_812_004),
    table("unified.customer_attributes", 4, 20_113, 1_204_110),
    table("unified.merged_customers", 4, 20_113, 2_466_820),
    table("unified.unified_coalesced", 4, 53_556, 4_918_330),
    table("unified.unified_transactions", 2, 52_931, 2_731_007),
    table("identity.assignments", 4, 53_556, 1_544_018),
    table("identity.edges", 4, 61_208, 2_008_551),
    table("identity.retired", 1, 12, 1_377),
    table("raw.newsletter", 2, 9_860, 640_117),
    table("raw.orders", 2, 52_931, 1_873_220),
    table("raw.support_desk", 2, 4_115, 377_914),
    table("raw.web_shop", 2, 18_204, 1_422_806),
    table("_system.deliveries", 2, 2, 4_120),
    table("_system.runs", 2, 2, 6_377),
  ],
  segments: [
    { name: "loyal_buyers", description: "Three orders or more in the last year", people: 2_418 },
    { name: "lapsed", description: "No order for a year", people: 6_092 },
  ],
  syncs: [
    {
      name: "loyal_to_mailer",
      segment: "loyal_buyers",
      destination: "mailer",
      lastDelivery: { at: "2026-11-22T18:40:00.000Z", added: 2_418, changed: 0, removed: 0 },
    },
    { name: "lapsed_to_ads", segment: "lapsed", destination: "ads", lastDelivery: null },
  ],
  shares: [
    {
      name: "analytics",
      tables: ["unified.customer_360", "unified.unified_transactions"],
      recipients: ["warehouse"],
    },
  ],
  answers: [
    {
      question: "How interoperable is it with the rest of the owner's infrastructure?",
      answer: "14 of 14 tables are readable as Delta Lake and as Iceberg, at the same version.",
      details: [
        "Delta Sharing: exact, 1 share",
        "Iceberg REST: exact",
        "Iceberg by metadata path: a snapshot, not live",
      ],
    },
    {
      question: "Is any copy of the data stored where the owner's security team does not own it?",
      answer: "No. 23.0 MB in the lake, 0 bytes elsewhere.",
      details: ["file:///srv/demo/lake: 23.0 MB, owner root", "Spill folder: empty"],
    },
    {
      question: "How many moving parts (jobs, processes, copies, code) does it add?",
      answer: "1 process, 0 jobs, 1 copy.",
      details: ["onecopy serve"],
    },
  ],
  demo: { f1: 0.9637, baselineF1: 0.7124 },
};

export const emptyOverview: Overview = {
  ...overview,
  revision: 1,
  sources: overview.sources.map((each) => ({ ...each, records: 0 })),
  people: { profiles: 0, records: 0 },
  tables: [],
  segments: overview.segments.map((each) => ({ ...each, people: 0 })),
  syncs: overview.syncs.map((each) => ({ ...each, lastDelivery: null })),
  demo: null,
};

export const people: readonly ProfileSummary[] = [
  {
    profileId: "p-7f3a9c",
    name: "Margaret Ann O'Neill",
    email: "maggie.oneill@example.org",
    city: "Springfield",
    records: 5,
  },
  { profileId: "p-11aa02", name: "Oluwaseun Adébáyọ̀", email: "seun@example.org", city: null, records: 2 },
  { profileId: "p-5be771", name: null, email: "info@example.com", city: "Riverton", records: 1 },
  ...Array.from({ length: 12 }, (_, i) => ({
    profileId: `p-many-${i}`,
    name: `Olivia Onwards ${i + 1}`,
    email: `olivia${i + 1}@example.net`,
    city: "Lakeside",
    records: 1 + (i % 3),
  })),
];

export const margaret: ProfileDetail = {
  profileId: "p-7f3a9c",
  merged: {
    given_name: "Margaret",
    surname: "O'Neill",
    email: "maggie.oneill@example.org",
    city: "Springfield",
  },
  attributes: {
    orders: 11,
    revenue_lifetime: "1204.50",
    first_order: "2024-02-11",
    last_order: "2026-11-02",
    churned: null,
  },
  records: [
    record(web, {
      given_name: "Margaret",
      surname: "O'Neill",
      email: "maggie.oneill@example.org",
      phone: "+1 (217) 555-0148",
      address: "41 Juniper Lane",
      city: "Springfield",
      postal: "62704",
      birthdate: "1984-05-09",
    }),
    record(loyalty, {
      given_name: "Maggie",
      surname: "O'Neill",
      email: "maggie.oneill@example.org",
      phone: "+12175550148",
      address: "41 Juniper Ln",
      city: "SPRINGFIELD",
      postal: "62704",
      birthdate: "1984-05-09",
    }),
    record(desk, {
      given_name: "Margaret",
      surname: "Oneil <b>",
      email: null,
      phone: "+12175550148",
      address: "41 Juniper Lane",
      city: "Springfield",
      postal: "62740",
      birthdate: "1984-09-05",
    }),
    record(mail, { given_name: "Maggie", surname: null, email: "maggie.oneill@example.org" }),
    record(mailAgain, { given_name: "Maggie", surname: null, email: "maggie.oneill@example.org" }),
  ],
  links: [
    link(web, loyalty, 0.9999991, [
      ["email", "exact", "maggie.oneill@example.org", "maggie.oneill@example.org", 13.4],
      ["phone", "exact", "+12175550148", "+12175550148", 12.1],
      ["surname", "exact", "o'neill", "o'neill", 8.3],
      ["address", "similar street, same number", "41 Juniper Lane", "41 Juniper Ln", 7.2],
      ["given_name", "nickname or middle name", "margaret", "maggie", 4.6],
      ["birthdate", "exact", "1984-05-09", "1984-05-09", 9.9],
      ["rarity", "how rare the values are that agree", null, null, 1.6],
      ["household", "could be two people of one household", null, null, -0.7],
    ]),
    link(loyalty, desk, 0.99981, [
      ["phone", "exact", "+12175550148", "+12175550148", 12.1],
      ["surname", "typing error", "o'neill", "oneil <b>", 5.4],
      ["given_name", "nickname or middle name", "maggie", "margaret", 4.6],
      ["birthdate", "typing error", "1984-05-09", "1984-09-05", 3.1],
      ["address", "exact", "41 Juniper Ln", "41 Juniper Lane", 7.9],
      ["place", "same town", "Springfield 62704", "Springfield 62740", -1.3],
    ]),
    link(loyalty, mail, 0.993, [
      ["email", "exact", "maggie.oneill@example.org", "maggie.oneill@example.org", 13.4],
      ["given_name", "exact", "maggie", "maggie", 7.4],
    ]),
    {
      left: mail,
      right: mailAgain,
      probability: 1,
      weight: 40,
      evidence: [
        { comparison: "record", level: "the very same values", left: null, right: null, weight: 40 },
      ],
    },
  ],
};

function source(
  name: string,
  kind: "files" | "mount",
  location: string,
  records: number,
  tags: Record<string, string>,
) {
  return { name, kind, location, records, tags };
}

function table(name: string, version: number, rows: number, sizeBytes: number) {
  return { name, version, rows, sizeBytes, files: 1 };
}

function record(key: { source: string; recordId: string }, values: Cells) {
  return { ...key, values };
}

type Key = typeof web;
type EvidenceRow = readonly [
  comparison: string,
  level: string,
  left: string | null,
  right: string | null,
  weight: number,
];

/** A link whose evidence adds up to its weight; the first says that one pair in some 9,000 is one person at all. */
function link(left: Key, right: Key, probability: number, rows: readonly EvidenceRow[]) {
  const all: readonly EvidenceRow[] = [["prior", "any two records", null, null, -13.2], ...rows];
  const evidence = all.map(([comparison, level, leftValue, rightValue, weight]) => {
    return { comparison, level, left: leftValue, right: rightValue, weight };
  });
  return { left, right, probability, weight: all.reduce((sum, row) => sum + row[4], 0), evidence };
}
