import { fileURLToPath } from "node:url";
import { OneCopyError } from "../../base/index.ts";
import type { Catalog } from "../../catalog/index.ts";
import { type Session, ident } from "../../engine/index.ts";
import { type LogicalType, isDecimal, isNested } from "../../schema/index.ts";
import type { Store } from "../../storage/index.ts";
import { type Snapshot, icebergLocation, identifyingColumns, scan } from "../../table/index.ts";
import type { ConnectedColumn, ConnectedTable, Installation, LakePlace } from "./installation.ts";

interface Request extends Pick<Installation, "trinoName" | "address" | "share" | "recipient"> {
  readonly project: string;
  readonly lake: Store;
  readonly catalog: Catalog;
  readonly session: Session;
  /** Of the share, as namespace.table. */
  readonly tables: readonly string[];
}

/**
 * The installation as a recipe needs it, with what is true of the share's tables now: each is read once, for its counts.
 * Fails with `connect.no_table` when none of them was made yet.
 */
export async function installationOf(request: Request): Promise<Installation> {
  const { project, trinoName, lake, catalog, session, share, recipient, address, tables } = request;
  const measured: ConnectedTable[] = [];
  for (const name of tables) {
    const snapshot = await catalog.snapshot(name);
    if (snapshot !== undefined) measured.push(await measure(session, name, snapshot));
  }
  if (measured.length === 0)
    throw new OneCopyError("connect.no_table", `None of the tables of the share ${share} was made yet.`, {
      remedy: "Run `onecopy run` first.",
    });
  const name = project.replaceAll("-", "_");
  const lends = lake.lending?.keysTo !== undefined;
  return { name, trinoName, address, share, recipient, lake: placeOf(lake.url), lends, tables: measured };
}

/** `address`: the store's, which ends with a slash. */
export function placeOf(address: string): LakePlace {
  const [, scheme = "", host = "", prefix = ""] = /^([a-z0-9]+):\/\/([^/]*)\/(.*)$/is.exec(address) ?? [];
  switch (scheme.toLowerCase()) {
    case "s3":
      return { kind: "s3", bucket: host, prefix };
    case "gs":
      return { kind: "gcs", bucket: host, prefix };
    case "abfss":
    case "az": {
      const [container = "", server = ""] = host.split("@");
      const account = server.split(".")[0] || process.env["AZURE_STORAGE_ACCOUNT"] || "<ACCOUNT>";
      return { kind: "azure", account, container, prefix };
    }
    default:
      return { kind: "file", path: fileURLToPath(address) };
  }
}

/** Features that are about the log alone. */
const ofTheLog: ReadonlySet<string> = new Set(["v2Checkpoint", "vacuumProtocolCheck"]);

async function measure(session: Session, name: string, snapshot: Snapshot): Promise<ConnectedTable> {
  const { folder, version, protocol, iceberg, store, schema, properties } = snapshot;
  const [namespace = "", table = ""] = name.split(".");
  const identifying = identifyingColumns(properties);
  const whole = (type: LogicalType): boolean =>
    type === "byte" || type === "short" || type === "integer" || type === "long";
  const facts = schema.fields.flatMap((field, i) => {
    const column = ident(field.name);
    const sum = whole(field.type) && !identifying.has(field.name.toLowerCase());
    return [
      ...(isNested(field.type) ? [] : [`count(${column}) AS filled_${i}`]),
      ...(sum ? [`CAST(sum(CAST(${column} AS DECIMAL(38, 0))) AS VARCHAR) AS sum_${i}`] : []),
    ];
  });
  const [row] = await session.rows<Record<string, number | string | null>>(
    `SELECT ${["count(*) AS n", ...facts].join(", ")} FROM ${await scan(session, snapshot)}`,
  );
  const columns = schema.fields.map(({ name: column, type }, i): ConnectedColumn => ({
    name: column,
    type: isNested(type) ? "nested" : isDecimal(type) ? `decimal(${type.precision},${type.scale})` : type,
    filled: (row![`filled_${i}`] as number | undefined) ?? undefined,
    sum: (row![`sum_${i}`] as string | null | undefined) ?? undefined,
  }));
  const mapped = protocol.minReaderVersion === 2 ? ["columnMapping"] : [];
  return {
    namespace,
    name: table,
    folder,
    version,
    metadataLocation: iceberg?.version === version ? icebergLocation(store, iceberg.metadataKey) : undefined,
    readerFeatures: [...mapped, ...(protocol.readerFeatures ?? []).filter((one) => !ofTheLog.has(one))],
    rows: Number(row!["n"]),
    columns,
  };
}
