import type { Command } from "commander";
import {
  type ClusterEdge,
  type ClusterExplanation,
  explainCluster,
  leftOf,
  type LinkRow,
  mostRecordsCut,
  newestLinks,
  readLinks,
  recordText,
  rightOf,
} from "../../../identity/index.ts";
import { counted, print, printJson, textTable } from "../../output.ts";
import { onPeople, recordName } from "./on-people.ts";

export function cluster(commands: Command): void {
  commands
    .command("cluster")
    .description(
      "why a profile's records are one person: its edges, its weakest link, and what would split it",
    )
    .argument("<id>", "a profile_id, or one of the profile's records as SOURCE:ID")
    .addHelpText("after", "\nExample:\n  $ onecopy identity cluster web_shop:100001")
    .action(async (id: string, _options: unknown, command: Command) => {
      const asked = id.includes(":") ? recordName(id) : { profileId: id };
      await onPeople(command, { confined: true }, async ({ workspace, ...people }, json) => {
        const found = await explainCluster(workspace.session, people, asked);
        const links = linksWithin(found, await readLinks(workspace));
        if (json) printJson({ ...found, weakest: found.weakest ?? null, split: found.split ?? null, links });
        else print([shown(found), ...links.map(decisionText)].join("\n"));
      });
    });
}

const SHOWN_EDGES = 40;
const NOT_BY_PAIRS = "No weighed pair holds all of it together: a decision by hand or a trusted key does.";

/** What a steward decided of two records of the profile: it holds, whatever the pair weighs. */
function linksWithin({ records }: ClusterExplanation, rows: readonly LinkRow[]): readonly LinkRow[] {
  const names = new Set(records.map(recordText));
  return newestLinks(rows).filter(
    (row) => names.has(recordText(leftOf(row))) && names.has(recordText(rightOf(row))),
  );
}

function decisionText(row: LinkRow): string {
  const what = row.kind === "link" ? "are one person" : "are not one person";
  return `By hand: ${recordText(leftOf(row))} and ${recordText(rightOf(row))} ${what} (${row.made_by}, ${row.made_at.slice(0, 10)}).`;
}

function shown({ profileId, records, edges, weakest, split }: ClusterExplanation): string {
  const tags = [...new Set(records.flatMap(({ values }) => Object.keys(values)))];
  const lines = [
    `Profile ${profileId}: ${counted(records.length, "record")}`,
    "",
    textTable(
      ["record", ...tags],
      records.map((record) => [recordText(record), ...tags.map((tag) => record.values[tag] ?? null)]),
    ),
  ];
  if (records.length === 1)
    return [...lines, "", "It is one record, so there is nothing that holds it together."].join("\n");
  if (weakest === undefined) return [...lines, "", NOT_BY_PAIRS].join("\n");
  const more = edges.length - SHOWN_EDGES;
  lines.push(
    "",
    edgeTable(edges.slice(0, SHOWN_EDGES)),
    ...(more > 0 ? [`and ${more} weaker ones; --json has all`] : []),
    "",
    `Weakest link: ${linkText(weakest)}`,
  );
  if (split === undefined)
    return [
      ...lines,
      `What would split it is not looked for in profiles of more than ${mostRecordsCut} records.`,
    ].join("\n");
  if (split.holding.length === 0)
    return [
      ...lines,
      `${NOT_BY_PAIRS} The smaller side is ${split.records.map(recordText).join(", ")}.`,
    ].join("\n");
  lines.push(
    "",
    `It would be two people without ${counted(split.holding.length, "edge")}, of weight ${split.holdingWeight.toFixed(2)} in all; the smaller side is ${split.records.map(recordText).join(", ")}:`,
    edgeTable(split.holding),
  );
  if (split.parting.length > 0)
    lines.push(
      `Against: ${counted(split.parting.length, "pair")}, of weight ${split.partingWeight.toFixed(2)} in all.`,
    );
  return lines.join("\n");
}

function edgeTable(edges: readonly ClusterEdge[]): string {
  return textTable(
    ["record", "record", "weight", "probability", "for", "against"],
    edges.map((edge) => [
      recordText(edge.left),
      recordText(edge.right),
      edge.weight.toFixed(2),
      edge.probability.toFixed(4),
      strongest(edge, 1),
      strongest(edge, -1),
    ]),
  );
}

/** The steps that say most for (1) or against (−1) it. */
function strongest({ evidence }: ClusterEdge, sign: 1 | -1): string {
  return evidence
    .filter(({ comparison, weight }) => comparison !== "prior" && weight * sign > 0.5)
    .sort((a, b) => sign * (b.weight - a.weight))
    .slice(0, 3)
    .map(({ comparison, level }) => `${comparison} ${level}`)
    .join(", ");
}

function linkText({ left, right, weight, probability }: ClusterEdge): string {
  return `${recordText(left)} and ${recordText(right)}, weight ${weight.toFixed(2)}, probability ${probability.toFixed(4)}.`;
}
