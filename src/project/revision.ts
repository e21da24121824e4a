import { z } from "zod";
import { type Clock, OneCopyError, canonicalJson, messageOf } from "../base/index.ts";
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
  const newestKey = await newestKeyOf(state);
  const newest = newestKey === undefined ? undefined : await readIfReadable(state, newestKey);
  if (newest !== undefined && canonicalJson(newest.config) === canonicalJson(config)) {
    return { kind: "unchanged", revision: newest };
  }
  // The key alone numbers the next one: that way out is open when the newest is damaged, or of another version.
  const parent = newestKey === undefined ? 0 : numberOf(newestKey);
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
  const newest = await newestKeyOf(state);
  return newest === undefined ? undefined : readKey(state, newest);
}

/** Fails with `project.revision_not_found`. */
export async function readRevision(state: Store, number: number): Promise<Revision> {
  return readKey(state, keyOf(number));
}

/** Oldest first. */
export async function listRevisions(state: Store): Promise<Revision[]> {
  const revisions: Revision[] = [];
  for await (const { key } of state.list(FOLDER)) {
    if (isRevision(key)) revisions.push(await readKey(state, key));
  }
  return revisions;
}

/** Oldest first, without those that can't be read. */
export async function readableRevisions(state: Store): Promise<Revision[]> {
  const revisions: Revision[] = [];
  for await (const { key } of state.list(FOLDER)) {
    const revision = isRevision(key) ? await readIfReadable(state, key) : undefined;
    if (revision !== undefined) revisions.push(revision);
  }
  return revisions;
}

/** Newest first: those that were in force at some time since a moment. */
export async function revisionsSince(state: Store, since: Date): Promise<Revision[]> {
  const keys: string[] = [];
  for await (const { key } of state.list(FOLDER)) if (isRevision(key)) keys.push(key);
  const revisions: Revision[] = [];
  for (const key of keys.reverse()) {
    const revision = await readKey(state, key);
    revisions.push(revision);
    if (Date.parse(revision.createdAt) <= since.getTime()) break;
  }
  return revisions;
}

async function newestKeyOf(state: Store): Promise<string | undefined> {
  let newest: string | undefined;
  for await (const { key } of state.list(FOLDER)) if (isRevision(key)) newest = key;
  return newest;
}

async function readIfReadable(state: Store, key: string): Promise<Revision | undefined> {
  try {
    return await readKey(state, key);
  } catch (error) {
    if (error instanceof OneCopyError && error.code === "project.revision_unreadable") return undefined;
    throw error;
  }
}

async function readKey(state: Store, key: string): Promise<Revision> {
  const found = await state.get(key);
  if (found.kind === "absent") {
    throw new OneCopyError("project.revision_not_found", `There is no ${key} in the state ${state.url}.`, {
      remedy: "`onecopy history` lists the revisions.",
    });
  }
  try {
    return StoredRevision.parse(JSON.parse(Buffer.from(found.body).toString("utf8")));
  } catch (cause) {
    const why = cause instanceof z.ZodError ? cause.issues[0]?.message : messageOf(cause);
    throw new OneCopyError(
      "project.revision_unreadable",
      `${key} in the state ${state.url} does not fit this version of OneCopy: ${why ?? ""}`,
      {
        remedy:
          "Apply the configuration again with `onecopy apply`, or use the OneCopy version that wrote it.",
        cause,
      },
    );
  }
}

/** Ten digits, so that the order of keys is the order of numbers. */
function keyOf(number: number): string {
  return `${FOLDER}${String(number).padStart(10, "0")}.json`;
}

function numberOf(key: string): number {
  return Number(key.slice(FOLDER.length, -".json".length));
}

/** What else lies there, such as an editor's copy, is no revision. */
function isRevision(key: string): boolean {
  return /^revisions\/\d{10}\.json$/.test(key);
}
