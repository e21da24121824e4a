import { sharesAt } from "../access/index.ts";
import { systemClock } from "../base/index.ts";
import { type OneCopyProcess, listProcesses } from "../project/index.ts";
import type { Workspace } from "../run/index.ts";
import { type Copy, listCopies } from "./copies.ts";
import { READ_IN_PLACE } from "./holding.ts";
import { formatBytes } from "./format.ts";
import type { ObjectGroup } from "./inventory.ts";
import { type TableReaders, readersOf } from "./readers.ts";

/** One of the three questions that every feature is judged by, answered for a live installation. */
export interface Answer {
  readonly question: string;
  readonly answer: string;
  readonly details: readonly string[];
}

export interface Audit {
  readonly answers: readonly [Answer, Answer, Answer];
  readonly copies: readonly Copy[];
  readonly tables: readonly TableReaders[];
  /** Every object in the tables' folders: what it is, and who needs it. */
  readonly objects: readonly ({ readonly table: string } & ObjectGroup)[];
  readonly processes: readonly OneCopyProcess[];
}

/** Measures the three answers: lists all storage, reads every table's protocol, looks at the running processes. */
export async function auditProject(workspace: Workspace): Promise<Audit> {
  const { copies, inventory } = await listCopies(workspace);
  const shares = sharesAt(workspace.revision.config, systemClock.now());
  const tables = inventory.tables.map((table) => readersOf(table, shares));
  const processes = await listProcesses(workspace.project.state);
  return {
    answers: [interoperability(tables), storage(copies), movingParts(workspace, processes)],
    copies,
    tables,
    objects: inventory.tables.flatMap(({ name, groups }) =>
      groups.map((group) => ({ table: name, ...group })),
    ),
    processes,
  };
}

function interoperability(tables: readonly TableReaders[]): Answer {
  const both = tables.filter((table) => table.icebergVersion === table.version);
  const ways = new Set(tables.flatMap((table) => table.readers.map((reader) => reader.way)));
  const tools = new Set(tables.flatMap((table) => table.readers.flatMap((reader) => reader.tried)));
  return {
    question: "How interoperable is it with the rest of your infrastructure?",
    answer:
      tables.length === 0
        ? "There is no table yet."
        : `${both.length} of ${tables.length} tables are Delta Lake and Iceberg at the same version, readable in ${ways.size} ways.`,
    details: [
      `Tools run against tables of this form: ${[...tools].sort().join(", ")}.`,
      ...tables
        .filter((table) => table.icebergVersion !== table.version)
        .map(
          (table) =>
            `${table.table}: Delta is at version ${table.version}, Iceberg at ${table.icebergVersion ?? "none"}.`,
        ),
      ...[...new Set(tables.map((table) => table.deltaProtocol))].map(
        (protocol) => `Delta protocol in use: ${protocol}.`,
      ),
    ],
  };
}

function storage(copies: readonly Copy[]): Answer {
  const held = copies.filter(
    (copy) => copy.kind !== "original" && (copy.files > 0 || copy.problem !== undefined),
  );
  const outside = held.filter((copy) => !copy.insideLake);
  const besideTables = held.filter((copy) => copy.insideLake && copy.kind === "destination");
  const lake = copies.filter((copy) => copy.kind === "lake");
  const lakeBytes = lake.reduce((sum, copy) => sum + copy.sizeBytes, 0);
  const sent = outside.filter((copy) => copy.kind === "destination");
  const mounts = copies.filter((copy) => copy.kind === "original" && copy.reason.startsWith(READ_IN_PLACE));
  return {
    question: "Is any copy stored where your security team does not own the storage?",
    answer:
      outside.length === 0
        ? `No. Everything, ${formatBytes(lakeBytes)}, is in your lake, once for all formats and readers.`
        : sent.length === outside.length
          ? `Only what you send out: ${sent.length} destination ${sent.length === 1 ? "folder" : "folders"}. All else, ${formatBytes(lakeBytes)}, is in your lake, once for all formats and readers.`
          : `Look at ${outside.map((copy) => copy.location).join(", ")}. The lake holds ${formatBytes(lakeBytes)}, once for all formats and readers.`,
    details: [
      ...mounts.map((copy) =>
        copy.problem === undefined
          ? `${copy.what}: ${formatBytes(copy.sizeBytes)} read in place, 0 bytes copied.`
          : `${copy.what}: ${copy.reason}`,
      ),
      ...besideTables.map(
        (copy) =>
          `${copy.what}: ${formatBytes(copy.sizeBytes)} in ${copy.location}, in your lake: ${copy.reason}.`,
      ),
      ...outside.map(
        (copy) =>
          `${copy.what}: ${formatBytes(copy.sizeBytes)} in ${copy.location}, storage of ${copy.storageOwner}: ${copy.reason}.`,
      ),
      ...copies
        .filter((copy) => copy.kind === "rules")
        .map((copy) => `${copy.what}: ${formatBytes(copy.sizeBytes)}, ${copy.reason}.`),
    ],
  };
}

function movingParts({ revision }: Workspace, processes: readonly OneCopyProcess[]): Answer {
  const { sources, segments, syncs, shares } = revision.config;
  return {
    question: "How many moving parts does it add?",
    answer: `${processes.length} ${processes.length === 1 ? "process" : "processes"} now, 0 scheduled jobs, 0 databases.`,
    details: [
      `One command, \`onecopy run\`, serves ${count(sources, "source")}, ${count(segments, "segment")}, ${count(syncs, "sync")} and ${count(shares, "share")}: rules of revision ${revision.number}, not jobs.`,
      ...processes.map(
        (p) =>
          `onecopy ${p.kind}, process ${p.pid} on ${p.host} since ${p.startedAt}${p.address === undefined ? "" : `, ${p.address}`}.`,
      ),
    ],
  };
}

function count(things: Readonly<Record<string, unknown>>, word: string): string {
  const number = Object.keys(things).length;
  return `${number} ${word}${number === 1 ? "" : "s"}`;
}
