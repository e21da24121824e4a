import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { OneCopyError, canonicalJson } from "../base/index.ts";
import { type Store, openStore } from "../storage/index.ts";
import type { ProjectConfig } from "./config.ts";
import { parseConfig } from "./parse.ts";
import { type Revision, newestRevision } from "./revision.ts";

const CONFIG_FILE = "onecopy.yaml";

/** A project: a folder with `onecopy.yaml`, the lake and the state that it names. */
export interface Project {
  readonly folder: string;
  /** As the file says now; what runs is the newest revision. */
  readonly config: ProjectConfig;
  readonly lake: Store;
  readonly state: Store;
}

/** Opens the project of a folder, or of the path of its configuration. Fails with `project.not_found`, `project.config_invalid`. */
export async function openProject(at: string): Promise<Project> {
  const file = at.endsWith(".yaml") || at.endsWith(".yml") ? resolve(at) : join(resolve(at), CONFIG_FILE);
  const config = parseConfig(await readConfigFile(file), file);
  const folder = dirname(file);
  const lake = openStore(toUrl(config.lake, folder));
  const state = openStore(config.state === undefined ? `${lake.url}_onecopy/` : toUrl(config.state, folder));
  return { folder, config, lake, state };
}

/** The newest revision. Fails with `project.not_applied` when there is none. */
export async function currentRevision(project: Project): Promise<Revision> {
  const revision = await newestRevision(project.state);
  if (revision !== undefined) return revision;
  throw new OneCopyError(
    "project.not_applied",
    `The configuration in ${project.folder} has not been applied yet.`,
    {
      remedy: "Run `onecopy apply`.",
    },
  );
}

/** Whether the file says something else than the revision that is in force. */
export function isUnapplied(project: Project, revision: Revision): boolean {
  return canonicalJson(project.config) !== canonicalJson(revision.config);
}

async function readConfigFile(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    throw new OneCopyError("project.not_found", `There is no readable ${file}.`, {
      remedy:
        "Go to the folder of your project, name it with --project FOLDER, or make one: `onecopy demo` shows an example.",
      cause,
    });
  }
}

function toUrl(location: string, folder: string): string {
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(location)
    ? location
    : pathToFileURL(resolve(folder, location)).href;
  return url.endsWith("/") ? url : `${url}/`;
}
