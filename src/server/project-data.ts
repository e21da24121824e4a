import { sharesAt } from "../access/index.ts";
import { lastDeliveries } from "../activation/index.ts";
import { auditProject } from "../audit/index.ts";
import { OneCopyError, messageOf, systemClock } from "../base/index.ts";
import { mountAddress } from "../catalog/index.ts";
import { currentRevision } from "../project/index.ts";
import { type ProfileRelations, profileRecords, readProfile, searchProfiles } from "../profile/index.ts";
import {
  type Mounted,
  type Workspace,
  foundSources,
  mountSnapshots,
  population,
  readTags,
  rowCount,
  today,
} from "../run/index.ts";
import { countSegment } from "../segment/index.ts";
import { scan } from "../table/index.ts";
import type { AdminData, Overview } from "./admin-data.ts";
import { linksOf } from "./links.ts";
import { peopleReports } from "./people-report.ts";
import { shared } from "./shared.ts";

/**
 * The admin API's answers, from the project's tables and the revision in force as they are at each request.
 * `demo`: what a demo measured against its truth.
 */
export function projectData(
  workspace: Workspace,
  demo: () => Promise<Overview["demo"]> = () => Promise.resolve(null),
): AdminData {
  return {
    overview: shared(() => overview(workspace, demo)),
    peopleReport: peopleReports(workspace),
    searchProfiles: async (text, limit) => {
      const relations = await profileRelations(workspace);
      return relations === undefined ? [] : searchProfiles(workspace.session, relations, text, limit);
    },
    profile: async (profileId) => {
      const relations = await profileRelations(workspace);
      const found =
        relations === undefined ? undefined : await readProfile(workspace.session, relations, profileId);
      if (relations === undefined || found === undefined) return undefined;
      const records = await profileRecords(workspace.session, relations, profileId);
      return { ...found, records, links: await linksOf(workspace, records) };
    },
  };
}

async function overview(opened: Workspace, demo: () => Promise<Overview["demo"]>): Promise<Overview> {
  // A revision that was applied since the server began is in force at once.
  const workspace = { ...opened, ...(await foundSources(opened, await currentRevision(opened.project))) };
  const { catalog, project, revision, session } = workspace;
  const { config } = revision;
  const [tables, sources, audit, deliveries] = await Promise.all([
    tableFigures(workspace),
    sourceFigures(workspace),
    auditProject(workspace),
    lastDeliveries(session, catalog),
  ]);
  const rowsOf = (name: string): number => tables.find((table) => table.name === name)?.rows ?? 0;
  return {
    name: config.name,
    revision: revision.number,
    lake: project.lake.url,
    sources,
    people: { profiles: rowsOf("unified.merged_customers"), records: rowsOf("identity.assignments") },
    tables,
    segments: await segmentFigures(workspace),
    syncs: Object.entries(config.syncs).map(([name, sync]) => {
      const last = deliveries.get(name);
      return {
        name,
        segment: sync.segment,
        destination: sync.destination.folder,
        lastDelivery:
          last === undefined
            ? null
            : { at: last.delivered_at, added: last.added, changed: last.changed, removed: last.removed },
      };
    }),
    shares: Object.entries(sharesAt(config, systemClock.now())).map(
      ([name, { tables: shared, recipients }]) => ({
        name,
        tables: shared,
        recipients,
      }),
    ),
    answers: audit.answers,
    demo: await demo().catch(() => null),
  };
}

async function tableFigures({ catalog, session }: Workspace): Promise<Overview["tables"]> {
  const names = await catalog.list();
  const figures = names.map(async ({ namespace, name }) => {
    const snapshot = await catalog.snapshot(`${namespace}.${name}`);
    if (snapshot === undefined) return [];
    const { version, files } = snapshot;
    return [
      {
        name: `${namespace}.${name}`,
        version,
        rows: await rowCount(session, snapshot),
        sizeBytes: files.sizeBytes,
        files: files.count,
      },
    ];
  });
  return (await Promise.all(figures)).flat();
}

async function sourceFigures(workspace: Workspace): Promise<Overview["sources"]> {
  const { project, revision } = workspace;
  const tags = await readTags(workspace);
  const mounts = new Map((await mountSnapshots(project, revision)).map((mount) => [mount.name, mount]));
  return Promise.all(
    Object.entries(revision.config.sources).map(async ([name, source]) => {
      const mount = mounts.get(name);
      const { records, problem } = await recordsOf(workspace, name, mount);
      const location = "files" in source ? source.files : (mount?.location ?? mountAddress(source));
      return {
        name,
        kind: "files" in source ? ("files" as const) : ("mount" as const),
        location: problem === undefined ? location : `${location} (can't be read now: ${problem})`,
        records,
        tags: Object.fromEntries(
          tags.filter((tag) => tag.source === name).map(({ column, tag }) => [column, tag]),
        ),
      };
    }),
  );
}

async function recordsOf(
  { catalog, session }: Workspace,
  name: string,
  mount: Mounted | undefined,
): Promise<{ readonly records: number; readonly problem?: string }> {
  if (mount?.problem !== undefined) return { records: 0, problem: mount.problem };
  try {
    const snapshot = mount?.snapshot ?? (await catalog.snapshot(`raw.${name}`));
    return { records: snapshot === undefined ? 0 : await rowCount(session, snapshot) };
  } catch (error) {
    return { records: 0, problem: messageOf(error) };
  }
}

async function segmentFigures(workspace: Workspace): Promise<Overview["segments"]> {
  const segments = Object.entries(workspace.revision.config.segments);
  const people = await population(workspace).catch((error: unknown) => {
    if (error instanceof OneCopyError && error.code === "run.nothing_yet") return undefined;
    throw error;
  });
  return Promise.all(
    segments.map(async ([name, { description = "", rule }]) => {
      if (people === undefined) return { name, description, people: 0 };
      try {
        return { name, description, people: await countSegment(workspace.session, rule, people, today()) };
      } catch (error) {
        return {
          name,
          description: `${description} (can't be counted: ${messageOf(error)})`.trim(),
          people: 0,
        };
      }
    }),
  );
}

async function profileRelations({ catalog, session }: Workspace): Promise<ProfileRelations | undefined> {
  const [people, records] = await Promise.all(
    (["unified.customer_360", "unified.unified_coalesced"] as const).map(async (name) =>
      catalog.snapshot(name),
    ),
  );
  if (people === undefined || records === undefined) return undefined;
  return {
    "unified.customer_360": await scan(session, people),
    "unified.unified_coalesced": await scan(session, records),
  };
}
