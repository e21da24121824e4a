import { z } from "zod";
import { OneCopyError, messageOf } from "../../base/index.ts";

/* Delta protocol, "Actions". Unknown keys are left out: a newer writer may add some that readers may ignore. */

const count = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);
const texts = z.record(z.string(), z.string());
const optional = <T extends z.ZodType>(type: T) => type.nullish().transform((value) => value ?? undefined);

const vector = z.object({
  storageType: z.enum(["u", "i", "p"]),
  pathOrInlineDv: z.string(),
  offset: optional(count),
  sizeInBytes: count,
  cardinality: count,
});

export const addAction = z.object({
  path: z.string(),
  partitionValues: z
    .record(z.string(), z.string().nullable())
    .nullish()
    .transform((v) => v ?? {}),
  size: count,
  modificationTime: z.number(),
  dataChange: z.boolean(),
  stats: optional(z.string()),
  tags: z
    .record(z.string(), z.string().nullable())
    .nullish()
    .transform((tags) => withoutNulls(tags ?? {})),
  deletionVector: optional(vector),
});

const removeAction = z.object({
  path: z.string(),
  deletionVector: optional(vector),
  dataChange: z
    .boolean()
    .nullish()
    .transform((value) => value ?? true),
});

export const metaDataAction = z.object({
  id: z.string(),
  name: optional(z.string()),
  description: optional(z.string()),
  schemaString: z.string(),
  partitionColumns: z
    .array(z.string())
    .nullish()
    .transform((value) => value ?? []),
  createdTime: optional(z.number()),
  configuration: texts.nullish().transform((value) => value ?? {}),
});

export const protocolAction = z
  .object({
    minReaderVersion: count,
    minWriterVersion: count,
    readerFeatures: optional(z.array(z.string())),
    writerFeatures: optional(z.array(z.string())),
  })
  .transform(({ readerFeatures, writerFeatures, ...versions }) => ({
    ...versions,
    ...(readerFeatures === undefined ? {} : { readerFeatures }),
    ...(writerFeatures === undefined ? {} : { writerFeatures }),
  }));

export const transactionAction = z.object({ appId: z.string(), version: z.number() });

const provenance = z.object({
  inputs: z.record(z.string(), z.number()),
  rule: z.string(),
  asOf: z.string().optional(),
  reason: z.string().optional(),
});

const commitInfoAction = z.object({
  timestamp: optional(z.number()),
  inCommitTimestamp: optional(z.number()),
  operation: optional(z.string()),
  txnId: optional(z.string()),
  onecopy: optional(z.object({ iceberg: z.string(), provenance: provenance.optional() })).catch(undefined),
});

export type AddAction = z.output<typeof addAction>;
type RemoveAction = z.output<typeof removeAction>;
export type MetaDataAction = z.output<typeof metaDataAction>;
export type ProtocolAction = z.output<typeof protocolAction>;
type TransactionAction = z.output<typeof transactionAction>;
export type CommitInfoAction = z.output<typeof commitInfoAction>;

/** The actions of one commit, in the order of replay: nothing in one commit depends on the order inside it. */
export interface Actions {
  readonly adds: readonly AddAction[];
  readonly removes: readonly RemoveAction[];
  readonly transactions: readonly TransactionAction[];
  readonly metaData: MetaDataAction | undefined;
  readonly protocol: ProtocolAction | undefined;
  readonly commitInfo: CommitInfoAction | undefined;
}

/** Parses a commit file (one JSON object a line). Fails with `table.log_damaged`, naming file and line. */
export function parseCommit(key: string, text: string): Actions {
  const adds: AddAction[] = [];
  const removes: RemoveAction[] = [];
  const transactions: TransactionAction[] = [];
  let metaData: MetaDataAction | undefined;
  let protocol: ProtocolAction | undefined;
  let commitInfo: CommitInfoAction | undefined;
  text.split("\n").forEach((line, i) => {
    if (line.trim() === "") return;
    try {
      const action = JSON.parse(line) as Record<string, unknown>;
      if (action["add"] != null) adds.push(addAction.parse(action["add"]));
      else if (action["remove"] != null) removes.push(removeAction.parse(action["remove"]));
      else if (action["txn"] != null) transactions.push(transactionAction.parse(action["txn"]));
      else if (action["metaData"] != null) metaData = metaDataAction.parse(action["metaData"]);
      else if (action["protocol"] != null) protocol = protocolAction.parse(action["protocol"]);
      else if (action["commitInfo"] != null) commitInfo = commitInfoAction.parse(action["commitInfo"]);
    } catch (cause) {
      throw new OneCopyError("table.log_damaged", `${key}, line ${i + 1}: ${messageOf(cause)}`, { cause });
    }
  });
  return { adds, removes, transactions, metaData, protocol, commitInfo };
}

function withoutNulls(tags: Readonly<Record<string, string | null>>): Record<string, string> {
  return Object.fromEntries(Object.entries(tags).filter((tag): tag is [string, string] => tag[1] !== null));
}
