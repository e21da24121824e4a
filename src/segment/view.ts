import type { Dialect } from "../engine/index.ts";
import { type Population, predicate } from "./compile.ts";
import { today } from "./condition.ts";
import type { Rule } from "./rule.ts";

/**
 * A segment as a query of an engine's: all columns of the people whom the rule selects on the day when it is run.
 * `table`: where the people are, the parts of its name. Fails as `compileSegment` does.
 */
export function viewSql(
  rule: Rule,
  { columns, identifying }: Pick<Population, "columns" | "identifying">,
  table: readonly string[],
  dialect: Dialect,
): string {
  const list = (names: readonly string[]): string[] => names.map((name) => dialect.ident(name));
  const named = list(columns.map(({ name }) => name)).join(", ");
  const where = predicate(rule, { columns, identifying }, today, dialect);
  return `SELECT ${named} FROM ${list(table).join(".")} WHERE ${where}`;
}
