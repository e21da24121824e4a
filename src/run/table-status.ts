import { OneCopyError } from "../base/index.ts";
import type { Session } from "../engine/index.ts";
import type { MaintainOutcome, Table } from "../table/index.ts";
import { rowCount } from "./row-count.ts";

export interface TableStatus {
  readonly name: string;
  readonly version: number;
  /** `null`: the newest version cannot be read by OneCopy. */
  readonly rows: number | null;
  readonly sizeBytes: number | null;
  readonly committedAt: string;
  /** What a person should look at. */
  readonly alerts: readonly string[];
}

/** What a person is told of a version that keeps the Iceberg side behind. */
export function blockedText({ version, reason }: NonNullable<MaintainOutcome["blocked"]>): string {
  return `Iceberg readers stay before version ${version}, which Iceberg cannot hold: ${reason}`;
}

/** How a table is; nothing is written. */
export async function tableStatus(session: Session, name: string, table: Table): Promise<TableStatus> {
  const { version, timestampMs } = await table.state();
  const alerts: string[] = [];
  const own = { name, version, committedAt: new Date(timestampMs).toISOString(), alerts };
  const blocked = await table.whyBehind();
  if (blocked !== undefined) alerts.push(blockedText(blocked));
  try {
    const snapshot = await table.snapshot();
    if (blocked === undefined && snapshot.iceberg?.version !== snapshot.version)
      alerts.push(
        `Iceberg readers see version ${snapshot.iceberg?.version ?? "none"}; the next \`onecopy run\` brings them to ${snapshot.version}`,
      );
    return { ...own, rows: await rowCount(session, snapshot), sizeBytes: snapshot.files.sizeBytes };
  } catch (error) {
    if (!(error instanceof OneCopyError)) throw error;
    if (blocked?.reason !== error.message) alerts.push(`it cannot be read: ${error.message}`);
    return { ...own, rows: null, sizeBytes: null };
  }
}
