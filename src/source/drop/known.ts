import type { Snapshot } from "../../table/index.ts";
import type { DropFile } from "./glob.ts";

/** Tag of a data file: the drop file whose rows it holds. */
export const tagDropFile = "onecopy.drop-file";

/**
 * Which files a table holds is said by its own commits. Each load of a path counts its Delta transaction
 * `drop:<path>` up by one, and gives `drop:<path>:<fingerprint>` the same number: so the file that the table holds is
 * the one with the path's own number, also after a file was replaced and put back; and of two loaders that both want
 * to make a number, one commits, and the other sees `already` (the same file) or a conflict (another one).
 */
export function holds(snapshot: Snapshot | undefined, file: DropFile, kind: Kind = "drop"): boolean {
  const [path, content] = names(file, kind);
  const number = snapshot?.transactions.get(path);
  return number !== undefined && snapshot!.transactions.get(content) === number;
}

export function nextLoad(
  snapshot: Snapshot,
  file: DropFile,
  kind: Kind = "drop",
): { readonly appId: string; readonly version: number }[] {
  const [path, content] = names(file, kind);
  const version = (snapshot.transactions.get(path) ?? 0) + 1;
  return [
    { appId: path, version },
    { appId: content, version },
  ];
}

/** `unreadable`: the file as it is was tried, and gave no row. */
export type Kind = "drop" | "unreadable";

function names(file: DropFile, kind: Kind): [string, string] {
  return [`${kind}:${file.path}`, `${kind}:${file.path}:${file.fingerprint}`];
}

/** Paths of files whose rows the table holds, and that are in the folder no more. */
export function goneFiles(snapshot: Snapshot, present: readonly DropFile[]): string[] {
  const paths = new Set(present.map(({ path }) => path));
  const held = [...snapshot.files].flatMap(({ tags }) => tags[tagDropFile] ?? []);
  return [...new Set(held)].filter((path) => !paths.has(path)).sort();
}
