import { afterAll, beforeAll, expect, test } from "vitest";
import { type Workbench, openWorkbench } from "../../../test/workbench.ts";
import { literal } from "../../engine/index.ts";
import { gatherRecords } from "../input.ts";
import { Facts } from "../model/facts.ts";
import { nodesOf } from "../people.ts";
import { sourcesOf } from "../sources.ts";
import { readMailboxNames } from "../standardise/mailbox.ts";
import { standardise } from "../standardise/standardise.ts";
import { findLinked } from "../steward/on-nodes.ts";
import { emailComparison } from "./contact.ts";
import { markNodes } from "./recipient.ts";

let bench: Workbench;
beforeAll(async () => {
  bench = await openWorkbench("onecopy-contact-");
});
afterAll(async () => {
  await bench.close();
});

/** Mailboxes that make three providers common ones, and thirty that are called soccerlucky with some figures. */
const others = [
  ...["gmail.com", "ymail.com", "verizon.net"].flatMap((domain) =>
    Array.from({ length: 25 }, (_, i) => `reader${String.fromCharCode(97 + i).repeat(4)}@${domain}`),
  ),
  ...Array.from({ length: 30 }, (_, i) => `soccerlucky${100 + i}@gmail.com`),
];

/** How two records with these e-mails, of a name of their own each, agree. */
async function agreement(first: string, second: string): Promise<string> {
  const { session } = bench;
  const people = [
    ...others.map((email) => [null, null, email]),
    ...Array.from({ length: 3 }, () => ["Mary", "Jones", null]),
    [null, null, first],
    [null, null, second],
  ];
  await session.run(
    `CREATE OR REPLACE TEMP TABLE written AS SELECT * FROM (VALUES ${people
      .map((person, i) => `(${i}, ${person.map((text) => literal(text)).join(", ")})`)
      .join(", ")}) AS t(id, given, family, email)`,
  );
  const input = {
    source: "shop",
    relation: "written",
    idColumn: "id",
    tags: { given: "given_name", family: "surname", email: "email" } as const,
  };
  const { keySources } = await gatherRecords(session, [input]);
  await findLinked(session, []);
  const facts = await Facts.toLearn(session);
  await standardise(session, keySources.length, facts);
  await readMailboxNames(session, facts);
  const nodes = await nodesOf(session, sourcesOf([input], keySources, facts), facts);
  const { level, levels } = emailComparison(nodes, markNodes(nodes, new Set()), facts);
  const ids = [first, second].map((email) => nodes.dictionary("email").findText(email));
  const [a, b] = ids.map((id) => nodes.column("email").indexOf(id));
  return levels[level(a!, b!) - 1]!.name;
}

test.each([
  ["qzorbix@ymail.com", "qzorbx@ymail.com", "typing error"],
  ["qzorbix@ymail.com", "qzorbix@ymall.com", "typing error"],
  ["qzorbix77@ymail.com", "qzorbix78@ymail.com", "different"],
  // Two real providers, however near their names are.
  ["qzorbix@gmail.com", "qzorbix@ymail.com", "same mailbox, other provider"],
  ["maryjones@gmail.com", "maryjones@ymail.com", "different"],
  // So many chose those letters that somebody else has the same two figures, not the same five.
  ["soccerlucky77@gmail.com", "soccerlucky77@ymail.com", "different"],
  ["soccerlucky77812@gmail.com", "soccerlucky77812@ymail.com", "same mailbox, other provider"],
  // Her name says all that the two have in common.
  ["mary.jones@verizon.net", "maryjones@verizon.net", "different"],
  ["mary.jones77@verizon.net", "maryjones77@verizon.net", "typing error"],
])("%s and %s: %s", async (first, second, expected) => {
  expect(await agreement(first, second)).toBe(expected);
});
