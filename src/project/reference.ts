import { keyTags } from "../identity/index.ts";
import type { ProjectConfig } from "./config.ts";

/** What one section says of another that is not there: a sync without its segment, a key of no source. */
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
  return [...syncs, ...lonelyForeignKeys(config), ...unknownKeys(config)];
}

function unknownKeys(config: ProjectConfig): { path: readonly PropertyKey[]; message: string }[] {
  const targets = Object.values(config.sources).flatMap((source) =>
    Object.values(source.tags ?? {}).flatMap((tag) => /^foreign_key:([^.]*)$/.exec(tag)?.[1] ?? []),
  );
  const keys = [...new Set([...keyTags, ...Object.keys(config.sources), ...targets])];
  return (["trusted", "separate"] as const).flatMap((list) =>
    config.identity[list].flatMap((name, i) =>
      keys.includes(name)
        ? []
        : [{ path: ["identity", list, i], message: `there is no key ${name}; ${known("keys", keys)}` }],
    ),
  );
}

/** A foreign key that names no source means something only where another column has the same name for it. */
function lonelyForeignKeys(config: ProjectConfig): { path: readonly PropertyKey[]; message: string }[] {
  const sources = Object.keys(config.sources);
  const written = Object.entries(config.sources).flatMap(([name, source]) =>
    Object.entries(source.tags ?? {}).flatMap(([column, tag]) => {
      const target = /^foreign_key:([^.]*)$/.exec(tag)?.[1];
      return target === undefined || sources.includes(target)
        ? []
        : [{ path: ["sources", name, "tags", column], target }];
    }),
  );
  return written.flatMap(({ path, target }) =>
    written.filter((other) => other.target === target).length > 1
      ? []
      : [
          {
            path,
            message: `there is no source ${target}, and no other column with this tag; ${known("sources", sources)}`,
          },
        ],
  );
}

function known(what: string, names: readonly string[]): string {
  return names.length === 0 ? `no ${what} are configured` : `the ${what} are ${names.join(", ")}`;
}
