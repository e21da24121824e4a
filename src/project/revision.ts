import { z } from "zod";
import { type Clock, OneCopyError, canonicalJson } from "../base/index.ts";
import type { Store } from "../storage/index.ts";
import { ProjectConfig } from "./config.ts";

/** One immutable version of the whole configuration: `revisions/<number>.json` in the state. */
export interface Revision {
  readonly number: number;
  /** The revision that this one was made from; 0 for the first. */
  readonly parent: number;
  readonly createdAt: string;
  readonly author: string;
  readonly message: string;
  readonly config: ProjectConfig;
}

export type ApplyOutcome =
  | { readonly kind: "applied"; readonly revision: Revision }
  | { readonly kind: "unchanged"; readonly revision: Revision }
  | { readonly kind: "conflict"; readonly newest: number };

const FOLDER = "revisions/";

const StoredRevision = z.object({
  number: z.int().min(1),
  parent: z.int().min(0),
  createdAt: z.string(),
  author: z.string(),
  message: z.string(),
  config: ProjectConfig,
});

/** Stores the configuration as the next revision, if it differs from the newest. Two at once: one gets `conflict`. */
export async function applyRevision(
  state: Store,
  config: ProjectConfig,
  note: { readonly author: string; readonly message: string; readonly clock: Clock },
): Promise<ApplyOutcome> {
  const newest = await newestRevision(state);
  if (newest !== undefined && canonicalJson(newest.config) === canonicalJson(config)) {
    return { kind: "unchanged", revision: newest };
  }
  const parent = newest?.number ?? 0;
  const revision: Revision = {
    number: parent + 1,
    parent,
    createdAt: note.clock.now().toISOString(),
    author: note.author,
    message: note.message,
    config,
  };
  const body = JSON.stringify(revision, undefined, 2);
  const outcome = await state.put(keyOf(revision.number), body, { ifAbsent: true });
  if (outcome.kind === "written") return { kind: "applied", revision };
  const found = await state.get(keyOf(revision.number));
  const isOurs = found.kind === "found" && Buffer.from(found.body).toString("utf8") === body;
  return isOurs ? { kind: "applied", revision } : { kind: "conflict", newest: revision.number };
}

export async function newestRevision(state: Store): Promise<Revision | undefined> {
  let newest: string | undefined;
  for await (const { key } of state.list(FOLDER)) newest = key;
  return newest === undefined ? undefined : readKey(state, newest);
}

/** Fails with `project.revision_not_found`. */
export async function readRevision(state: Store, number: number): Promise<Revision> {
  return readKey(state, keyOf(number));
}

/** Oldest first. */
export async function listRevisions(state: Store): Promise<Revision[]> {
  const revisions: Revision[] = [];
  for await (const { key } of state.list(FOLDER)) revisions.push(await readKey(state, key));
  return revisions;
}

async function readKey(state: Store, key: string): Promise<Revision> {
  const found = await state.get(key);
  if (found.kind === "absent") {
    throw new OneCopyError("project.revision_not_found", `There is no ${key} in the state ${state.url}.`, {
      remedy: "`onecopy history` lists the revisions.",
    });
  }
  const parsed = StoredRevision.safeParse(JSON.parse(Buffer.from(found.body).toString("utf8")));
  if (parsed.success) return parsed.data;
  throw new OneCopyError(
    "project.revision_unreadable",
    `${key} in the state ${state.url} does not fit this version of OneCopy: ${parsed.error.issues[0]?.message ?? ""}`,
    {
      remedy: "Apply the configuration again with `onecopy apply`, or use the OneCopy version that wrote it.",
    },
  );
}

/** Ten digits, so that the order of keys is the order of numbers. */
function keyOf(number: number): string {
  return `${FOLDER}${String(number).padStart(10, "0")}.json`;
}
