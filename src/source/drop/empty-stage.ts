import type { Stage } from "./stage.ts";

/** A file with nothing in it. */
export function emptyStage(): Stage {
  return {
    relation: "(SELECT CAST(NULL AS BIGINT) AS _row WHERE false)",
    columns: [],
    rejects: noRejects,
    linesOf: undefined,
    release: async () => undefined,
  };
}

export const noRejects = "(SELECT CAST(NULL AS BIGINT) AS line, '' AS reason, '' AS text WHERE false)";
