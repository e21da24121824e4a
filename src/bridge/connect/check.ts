import type { ConnectedColumn, ConnectedTable } from "./installation.ts";

/** How a warehouse writes SQL, as far as a check needs it. */
export interface CheckDialect {
  readonly ident: (name: string) => string;
  /** A type that holds sums of whole numbers exactly. */
  readonly wide: string;
}

export const doubleQuoted: CheckDialect = {
  ident: (name) => `"${name.replaceAll('"', '""')}"`,
  wide: "DECIMAL(38, 0)",
};
export const backticked: CheckDialect = {
  ident: (name) => `\`${name.replaceAll("`", "``")}\``,
  wide: "DECIMAL(38, 0)",
};

/**
 * One query for all tables: how many rows there are, how many values each column has, and what whole numbers add up to, as
 * they are at the version that the comment names.
 */
export function checkSql(
  tables: readonly ConnectedTable[],
  dialect: CheckDialect,
  relationOf: (table: ConnectedTable) => string,
): string {
  const versions = tables.map(({ namespace, name, version }) => `${namespace}.${name} ${version}`).join(", ");
  const queries = tables.map((table) => {
    const { namespace, name, rows, columns } = table;
    const facts = [`count(*) = ${rows}`, ...columns.flatMap((column) => factsOf(column, dialect))];
    return `SELECT '${namespace}.${name}' AS table_name,\n  CASE WHEN ${facts.join("\n    AND ")}\n  THEN 'ok' ELSE 'other rows' END AS outcome\nFROM ${relationOf(table)}`;
  });
  return `-- As of these versions: ${versions}. After a later commit, make this file anew.\n${queries.join("\nUNION ALL\n")};\n`;
}

function factsOf({ name, filled, sum }: ConnectedColumn, { ident, wide }: CheckDialect): string[] {
  return [
    ...(filled === undefined ? [] : [`count(${ident(name)}) = ${filled}`]),
    ...(sum === undefined ? [] : [`sum(CAST(${ident(name)} AS ${wide})) = ${sum}`]),
  ];
}
