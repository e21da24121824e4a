import type { ConnectedTable, Installation } from "../installation.ts";
import { type Recipe, profileStep, reachesServer, sharedAccess } from "../recipe.ts";

/** The `delta-sharing` Python client. */
export function pandas(installation: Installation): Recipe {
  const { share, tables, address } = installation;
  const first = tables[0]!;
  return {
    way: "share",
    why: `The client needs the profile file and nothing else. ${sharedAccess}`,
    network: reachesServer(address, "The machine with pandas"),
    steps: [
      profileStep(installation),
      { say: "Install the client: pip install delta-sharing" },
      {
        say: "Read a table:",
        file: {
          name: "onecopy.py",
          text: `import delta_sharing\n\nframe = delta_sharing.load_as_pandas("onecopy.share#${share}.${first.namespace}.${first.name}")\nprint(frame.head())\n`,
        },
      },
    ],
    check: { name: "check.py", text: check(share, tables) },
  };
}

/** pandas takes NaN for null, and turns whole numbers with nulls into doubles: such columns are not judged by it. */
function check(share: string, tables: readonly ConnectedTable[]): string {
  const expected = tables.map(({ namespace, name, version, rows, columns }) => ({
    table: `${share}.${namespace}.${name}`,
    version,
    rows,
    filled: Object.fromEntries(
      columns.flatMap((column) =>
        column.filled === undefined || ["float", "double"].includes(column.type)
          ? []
          : [[column.name, column.filled]],
      ),
    ),
    sums: Object.fromEntries(
      columns.flatMap(({ name: column, sum, filled }) =>
        sum === undefined || filled !== rows ? [] : [[column, sum]],
      ),
    ),
  }));
  return `"""Says ok for each table when the rows are those of the version that is named here."""
import json
import sys

import delta_sharing

expected = json.loads(${JSON.stringify(JSON.stringify(expected))})
bad = False
for one in expected:
    frame = delta_sharing.load_as_pandas(f"onecopy.share#{one['table']}")
    same = (
        len(frame) == one["rows"]
        and all(int(frame[name].notna().sum()) == count for name, count in one["filled"].items())
        and all(sum(int(value) for value in frame[name]) == int(total) for name, total in one["sums"].items())
    )
    bad = bad or not same
    print(one["table"], "ok" if same else f"other rows than version {one['version']}")
sys.exit(1 if bad else 0)
`;
}
