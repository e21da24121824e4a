import { z } from "zod";
import { ident } from "../engine/index.ts";
import { attributeOf } from "./attribute.ts";
import { type Population, predicate, requireDay } from "./compile.ts";
import { BoundedRule, type Rule, segmentName } from "./rule.ts";

/** Where OneCopy's own tables are is no place for them. */
const EXTRACT_NAME = /^(?!(?:raw|identity|unified)\.)[a-z][a-z0-9_-]{0,127}\.[a-z_][a-z0-9_-]{0,127}$/;

const TABLE_NAME = /^[a-z_][a-z0-9_-]{0,127}\.[a-z_][a-z0-9_-]{0,127}$/;

const ExtractConfig = z
  .strictObject({
    from: z
      .string()
      .regex(TABLE_NAME, "must be namespace.table in lower case")
      .default("unified.customer_360")
      .describe("The table that the rows come from."),
    columns: z.array(z.string().min(1)).min(1).describe("The columns that it has; no others."),
    where: BoundedRule.optional().describe("Which rows it has. Default: all."),
    segment: segmentName.optional().describe("In place of `where`: the people of this segment."),
  })
  .refine(({ where, segment }) => where === undefined || segment === undefined, {
    error: "has both where and segment: name one of them",
  });

/** The section `extracts` of the configuration. */
export const ExtractsConfig = z.record(
  z
    .string()
    .regex(EXTRACT_NAME, "must be namespace.table in lower case, and not in raw, identity, unified or _…"),
  ExtractConfig,
);

/** `SELECT` of an extract's columns and rows, as of a day. Fails as `compileSegment` does. */
export function extractSql(
  columns: readonly string[],
  rule: Rule | undefined,
  source: Population,
  asOf: string,
): string {
  requireDay(asOf);
  const names = columns.map((name) => ident(columnOf(name, source)));
  const where = rule === undefined ? "" : ` WHERE ${predicate(rule, source, asOf)}`;
  return `SELECT ${names.join(", ")} FROM ${source.relation}${where}`;
}

/** A column may be of a type that no rule can ask for. */
function columnOf(name: string, { columns }: Population): string {
  return columns.some((column) => column.name === name) ? name : attributeOf(name, columns).name;
}
