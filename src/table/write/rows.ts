import { OneCopyError } from "../../base/index.ts";
import type { Session } from "../../engine/index.ts";
import type { TableAccess } from "../access.ts";
import type { ReadSet, TableMeta } from "../commit/change.ts";
import { commit, settled } from "../commit/commit.ts";
import { metaOf } from "../commit/prepare-commit.ts";
import { checkWritable } from "../delta/feature.ts";
import { propertyAppendOnly, propertyDeletionVectors } from "../delta/protocol.ts";
import type { LogState } from "../delta/replay.ts";
import { copyToParquet } from "../parquet/copy.ts";
import { keyIn } from "../path.ts";
import { snapshotOf } from "../read.ts";
import { tagFieldIds } from "../scan/index.ts";
import type { CommitOutcome, Snapshot } from "../snapshot.ts";
import { layoutOf } from "./layout.ts";
import type { CommitRequest } from "./request.ts";
import type { Matching, TouchedFile } from "./touched.ts";
import { deleteByVectors } from "./vectors.ts";
import { withWritten } from "./written.ts";

/** How often rows are looked at again when others changed them meanwhile. */
const attempts = 20;

/** What an operation plans on. */
export interface RowBase {
  readonly snapshot: Snapshot;
  readonly meta: TableMeta;
  /** Rows are deleted by vectors, in files that stay; else their files are written anew (copy-on-write). */
  readonly byVectors: boolean;
}

/** What an operation on rows found in one version. */
export interface RowPlan {
  /** Delta's name. */
  readonly operation: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** Files with rows that go. */
  readonly touched: readonly TouchedFile[];
  readonly matching: Matching;
  /** Rows that are written: new ones, changed ones, and by copy-on-write those of touched files that stay. */
  readonly query: string | undefined;
  /** Whether a file that comes in meanwhile could hold rows of interest. */
  readonly reads: ReadSet["reads"];
  readonly fileTags?: Readonly<Record<string, string>> | undefined;
}

/**
 * Plans an operation on the newest version and commits it. When somebody else changed what it had looked at, it
 * looks again at the version that is newest then, several times; with `onlyIf` it does not.
 */
export async function changeRows(
  table: TableAccess,
  session: Session,
  request: CommitRequest,
  plan: (base: RowBase) => Promise<RowPlan>,
): Promise<CommitOutcome> {
  for (let attempt = 1; ; attempt++) {
    const base = await table.state();
    const early = settled(base, request);
    if (early !== undefined) return early;
    const outcome = await changeRowsOf(table, session, request, base, plan);
    if (outcome.kind !== "conflict" || attempt >= attempts || request.onlyIf !== undefined) return outcome;
  }
}

async function changeRowsOf(
  table: TableAccess,
  session: Session,
  request: CommitRequest,
  base: LogState,
  plan: (base: RowBase) => Promise<RowPlan>,
): Promise<CommitOutcome> {
  const { store, folder } = table;
  checkWritable(folder, base.protocol, base.metaData);
  const meta = metaOf(folder, base, await table.iceberg(base));
  const snapshot = { ...(await snapshotOf(store, folder, base)), schema: meta.schema };
  const byVectors = meta.properties[propertyDeletionVectors] === "true";
  const { touched, matching, query, ...planned } = await plan({ snapshot, meta, byVectors });
  refuseAppendOnly(folder, base, touched.length);
  const written =
    query === undefined ? [] : await copyToParquet(session, store, folder, layoutOf(meta), query);
  const dataKeys = written.map(({ path }) => keyIn(folder, path));
  return await withWritten(table, dataKeys, async () => {
    const gone = byVectors
      ? await deleteByVectors(table, session, snapshot, touched, matching)
      : { removes: touched.map(({ file }) => file), deletes: [], keys: [] };
    return await withWritten(table, gone.keys, () =>
      commit(table, base, {
        operation: planned.operation,
        parameters: planned.parameters,
        reads: { reads: planned.reads, schema: meta.schema, partitionColumns: meta.partitionColumns },
        data: {
          adds: written.map((file) => ({ ...file, tags: { ...planned.fileTags, [tagFieldIds]: "true" } })),
          removes: gone.removes,
          deletes: gone.deletes,
          changesRows: true,
        },
        transactions: request.transactions,
        provenance: request.provenance,
        onlyIf: request.onlyIf,
      }),
    );
  });
}

/** Fails with `table.append_only` when files would leave a table that forbids it. */
export function refuseAppendOnly(folder: string, base: LogState, leaving: number): void {
  if (leaving > 0 && base.metaData.configuration[propertyAppendOnly] === "true")
    throw new OneCopyError("table.append_only", `${folder} has delta.appendOnly: rows cannot be replaced.`, {
      remedy: "Append, or have the table's owner drop the property.",
    });
}
