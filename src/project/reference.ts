import type { ProjectConfig } from "./config.ts";

/** What one section says of another that is not there: a sync without its segment. */
export function referenceProblems(
  config: ProjectConfig,
): { path: readonly PropertyKey[]; message: string }[] {
  const segments = Object.keys(config.segments);
  const syncs = Object.entries(config.syncs).flatMap(([name, sync]) =>
    segments.includes(sync.segment)
      ? []
      : [
          {
            path: ["syncs", name, "segment"],
            message: `there is no segment ${sync.segment}; ${known("segments", segments)}`,
          },
        ],
  );
  return syncs;
}

function known(what: string, names: readonly string[]): string {
  return names.length === 0 ? `no ${what} are configured` : `the ${what} are ${names.join(", ")}`;
}
