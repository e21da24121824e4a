import type { ConnectedTable, Installation } from "../installation.ts";
import { type Recipe, profileStep, reachesServer, sharedAccess } from "../recipe.ts";

/** Power BI's Delta Sharing connector. */
export function powerbi(installation: Installation): Recipe {
  const { share, tables, address } = installation;
  const server = `${address.origin}/delta-sharing/`;
  const source = `Source = DeltaSharing.Contents(${m(server)}, null)`;
  const table = ({ namespace, name }: ConnectedTable): string =>
    `Source{[Name = ${m(share)}]}[Data]{[Name = ${m(namespace)}]}[Data]{[Name = ${m(name)}]}[Data]`;
  const first = tables[0]!;
  return {
    way: "share",
    why: `Power BI has a connector for it. ${sharedAccess} Import mode: rows are copied into the semantic model, which audit does not see.`,
    network: reachesServer(address, "Power BI Desktop, or the gateway,"),
    steps: [
      profileStep(installation),
      {
        say: `In Power BI: Get data, Delta Sharing, server URL ${server}; the bearer token is bearerToken of onecopy.share.`,
      },
      {
        say: "Or as a blank query in the advanced editor:",
        file: { name: "onecopy.pq", text: `let\n    ${source},\n    Rows = ${table(first)}\nin\n    Rows\n` },
      },
    ],
    check: {
      name: "check.pq",
      text: `// As of these versions: ${tables.map((one) => `${one.namespace}.${one.name} ${one.version}`).join(", ")}.\nlet\n    ${source},\n    Outcome = #table({"table_name", "outcome"}, {\n${tables
        .map(
          (one) =>
            `        {${m(`${one.namespace}.${one.name}`)}, if Table.RowCount(${table(one)}) = ${one.rows} then "ok" else "other rows"}`,
        )
        .join(",\n")}\n    })\nin\n    Outcome\n`,
    },
  };
}

/** A text of the formula language. */
function m(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}
