import type { Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import { OneCopyError, sha256 } from "../../base/index.ts";

/** A file of a drop as it stood when it was listed. */
export interface DropFile {
  /** Relative to the configuration's folder, with `/`; what `_file` holds. */
  readonly path: string;
  readonly absolutePath: string;
  readonly sizeBytes: number;
  /** Changes when the file's content, size or time of change does, or the zone that its times are read in. */
  readonly fingerprint: string;
}

/**
 * The files that a pattern matches, in the order of their paths. `*` and `?` stay in one folder, `**` goes through
 * folders, `{a,b}` is one of several; names that begin with a dot only match a pattern that says so.
 * Fails with `source.no_folder` when the folder in front of the first wildcard is not there.
 */
export async function listDropFiles(
  baseFolder: string,
  pattern: string,
  timezone = "UTC",
): Promise<DropFile[]> {
  const absolute = (isAbsolute(pattern) ? pattern : join(resolve(baseFolder), pattern)).split(sep).join("/");
  const segments = absolute.split("/").slice(1);
  const wild = segments.findIndex((segment) => /[*?{]/.test(segment));
  const fixed = wild < 0 ? segments.slice(0, -1) : segments.slice(0, wild);
  const paths: string[] = [];
  await walk(`/${fixed.join("/")}`, segments.slice(fixed.length), paths, true);
  const files = await Promise.all(
    [...new Set(paths)].sort().map((path) => describeFile(resolve(baseFolder), path, timezone)),
  );
  return files.filter((file) => file !== undefined);
}

async function walk(
  folder: string,
  segments: readonly string[],
  found: string[],
  isRoot: boolean,
): Promise<void> {
  const [segment, ...rest] = segments;
  if (segment === undefined) return;
  const names = await namesIn(folder, isRoot);
  if (segment === "**") {
    await walk(folder, rest.length === 0 ? ["*"] : rest, found, false);
    for (const entry of names)
      // A link to a folder is not followed here: it may lead back up.
      if (entry.isDirectory() && !entry.name.startsWith("."))
        await walk(join(folder, entry.name), segments, found, false);
    return;
  }
  const matches = matcher(segment);
  for (const entry of names) {
    if (!matches(entry.name)) continue;
    const path = join(folder, entry.name);
    if (rest.length === 0) found.push(path);
    else if (entry.isDirectory() || entry.isSymbolicLink()) await walk(path, rest, found, false);
  }
}

async function namesIn(folder: string, isRoot: boolean): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (!isRoot && (code === "ENOENT" || code === "ENOTDIR")) return [];
    throw new OneCopyError(
      "source.no_folder",
      `The folder ${folder} of a file drop cannot be read (${code}).`,
      {
        remedy:
          "Create it, or correct `files` of the source; the path is relative to the configuration's folder.",
        cause,
      },
    );
  }
}

function matcher(segment: string): (name: string) => boolean {
  const source = segment.replace(/[.+^$()|[\]\\*?{},]/g, (character) => {
    switch (character) {
      case "*":
        return "[^/]*";
      case "?":
        return "[^/]";
      case "{":
        return "(?:";
      case "}":
        return ")";
      case ",":
        return segment.includes("{") ? "|" : ",";
      default:
        return `\\${character}`;
    }
  });
  const expression = new RegExp(`^${source}$`, "us");
  return (name) => (segment.startsWith(".") || !name.startsWith(".")) && expression.test(name);
}

/** Undefined for a folder, and for a file that went away meanwhile. */
async function describeFile(
  baseFolder: string,
  absolutePath: string,
  timezone: string,
): Promise<DropFile | undefined> {
  const found = await stat(absolutePath, { bigint: true }).catch(() => undefined);
  if (found === undefined || !found.isFile()) return undefined;
  const zone = timezone === "UTC" ? "" : ` ${timezone}`;
  return {
    path: relative(baseFolder, absolutePath).split(sep).join("/"),
    absolutePath,
    sizeBytes: Number(found.size),
    fingerprint: sha256(`${found.size} ${found.mtimeNs}${zone}`).slice(0, 16),
  };
}

/** The file as it stands now; undefined when it is gone. */
export function lookAgain(
  baseFolder: string,
  file: DropFile,
  timezone = "UTC",
): Promise<DropFile | undefined> {
  return describeFile(resolve(baseFolder), file.absolutePath, timezone);
}

/** The path as the engine's readers take it: they would expand wildcards in a file's name. */
export function engineLocation(path: string): string {
  return path.replace(/[*?[]/g, "[$&]");
}
