import { OneCopyError } from "../../base/index.ts";

export function incomplete(folder: string, why: string): OneCopyError {
  return new OneCopyError(
    "table.purge_incomplete",
    `The purge of ${folder} did not come to an end: ${why}.`,
    {
      remedy: "Stop what else writes the table, and purge again with the same values: it goes on from here.",
    },
  );
}

export function blocked(folder: string, clones: readonly string[]): OneCopyError {
  return new OneCopyError(
    "table.purge_blocked",
    `A clone of ${folder} cannot be read, or is just being made: ${clones.join(", ")}. What it holds of the values is not known.`,
    { remedy: "Wait until it is made, or delete it and its marker; then purge again." },
  );
}
