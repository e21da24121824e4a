import { z } from "zod";
import { OneCopyError, messageOf } from "../../base/index.ts";
import {
  type AddAction,
  type CdcAction,
  type RemoveAction,
  parseAdd,
  parseCdc,
  parseRemove,
} from "./file-action.ts";
import { parseBounded } from "./json.ts";

/* Delta protocol, "Actions". Unknown keys are left out: a newer writer may add some that readers may ignore. */

const count = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);
/** A line that says nothing of files but the schema may be long; nobody's is longer than this. */
const maxLineBytes = 16 * 2 ** 20;
const texts = z.record(z.string(), z.string());
const optional = <T extends z.ZodType>(type: T) => type.nullish().transform((value) => value ?? undefined);

const metaDataAction = z.object({
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

const protocolAction = z
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

const transactionAction = z.object({
  appId: z.string(),
  version: z.number(),
  lastUpdated: optional(z.number()),
});

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
  operationParameters: optional(z.record(z.string(), z.unknown())).catch(undefined),
  txnId: optional(z.string()),
  engineInfo: optional(z.string()),
  onecopy: optional(
    z.object({ iceberg: z.string(), provenance: provenance.optional(), rowsOf: count.optional() }),
  ).catch(undefined),
});

/** Delta protocol, "Domain Metadata". */
const domainAction = z.object({
  domain: z.string(),
  configuration: z.string(),
  removed: z
    .boolean()
    .nullish()
    .transform((value) => value ?? false),
});

/** Delta protocol, "Sidecar File Information". */
const sidecarAction = z.object({ path: z.string(), sizeInBytes: count });

export type MetaDataAction = z.output<typeof metaDataAction>;
export type ProtocolAction = z.output<typeof protocolAction>;
export type TransactionAction = z.output<typeof transactionAction>;
export type CommitInfoAction = z.output<typeof commitInfoAction>;
export type DomainAction = z.output<typeof domainAction>;
export type SidecarAction = z.output<typeof sidecarAction>;

/** What is to be done with each kind of action; the others are not even looked at. */
export interface ActionVisitor {
  add?(add: AddAction): void;
  remove?(remove: RemoveAction): void;
  cdc?(cdc: CdcAction): void;
  txn?(transaction: TransactionAction): void;
  metaData?(metaData: MetaDataAction): void;
  protocol?(protocol: ProtocolAction): void;
  commitInfo?(commitInfo: CommitInfoAction): void;
  domainMetadata?(domain: DomainAction): void;
  sidecar?(sidecar: SidecarAction): void;
}

/** One action as the log or a checkpoint states it: `{"add": {…}}`. Throws what is wrong with it. */
export function visitAction(action: unknown, visitor: ActionVisitor): void {
  if (typeof action !== "object" || action === null) throw new TypeError("an action is an object");
  const { add, remove, cdc, txn, metaData, protocol, commitInfo, domainMetadata, sidecar } = action as Record<
    string,
    unknown
  >;
  if (add != null) visitor.add?.(parseAdd(add));
  else if (remove != null) visitor.remove?.(parseRemove(remove));
  else if (cdc != null) visitor.cdc?.(parseCdc(cdc));
  else if (txn != null) visitor.txn?.(parsed(transactionAction, "txn", txn));
  else if (metaData != null) visitor.metaData?.(parsed(metaDataAction, "metaData", metaData));
  else if (protocol != null) visitor.protocol?.(parsed(protocolAction, "protocol", protocol));
  else if (commitInfo != null) visitor.commitInfo?.(parsed(commitInfoAction, "commitInfo", commitInfo));
  else if (domainMetadata != null)
    visitor.domainMetadata?.(parsed(domainAction, "domainMetadata", domainMetadata));
  else if (sidecar != null) visitor.sidecar?.(parsed(sidecarAction, "sidecar", sidecar));
}

function parsed<T>(type: z.ZodType<T>, name: string, value: unknown): T {
  const { success, data, error } = type.safeParse(value);
  if (success) return data;
  const { path, message } = error.issues[0]!;
  throw new TypeError(`${[name, ...path].join(".").slice(0, 200)}: ${message}`);
}

/** Reads a commit file, or a checkpoint in JSON: one action a line. Fails with `table.log_damaged`, naming file and line. */
export function readActions(key: string, body: Uint8Array, visitor: ActionVisitor): void {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  for (let from = 0, line = 1; from < bytes.length; line++) {
    const end = bytes.indexOf(0x0a, from);
    const to = end < 0 ? bytes.length : end;
    try {
      if (to - from > maxLineBytes)
        throw new RangeError(`a line of ${to - from} bytes; up to ${maxLineBytes} are read`);
      const text = bytes.toString("utf8", from, to);
      if (text.trim() !== "") visitAction(parseBounded(text), visitor);
    } catch (cause) {
      if (cause instanceof OneCopyError) throw cause;
      throw new OneCopyError("table.log_damaged", `${key}, line ${line}: ${messageOf(cause)}`, { cause });
    }
    from = to + 1;
  }
}

/** The actions of one commit, in the order of replay: nothing in one commit depends on the order inside it. */
export interface Actions {
  readonly adds: readonly AddAction[];
  readonly removes: readonly RemoveAction[];
  readonly cdcs: readonly CdcAction[];
  readonly transactions: readonly TransactionAction[];
  readonly domains: readonly DomainAction[];
  readonly metaData: MetaDataAction | undefined;
  readonly protocol: ProtocolAction | undefined;
  readonly commitInfo: CommitInfoAction | undefined;
}

/** A commit file as a whole; see {@link readActions}. */
export function parseCommit(key: string, content: string | Uint8Array): Actions {
  const adds: AddAction[] = [];
  const removes: RemoveAction[] = [];
  const cdcs: CdcAction[] = [];
  const transactions: TransactionAction[] = [];
  const domains: DomainAction[] = [];
  let metaData: MetaDataAction | undefined;
  let protocol: ProtocolAction | undefined;
  let commitInfo: CommitInfoAction | undefined;
  readActions(key, typeof content === "string" ? Buffer.from(content) : content, {
    add: (action) => adds.push(action),
    remove: (action) => removes.push(action),
    cdc: (action) => cdcs.push(action),
    txn: (action) => transactions.push(action),
    domainMetadata: (action) => domains.push(action),
    metaData: (action) => (metaData = action),
    protocol: (action) => (protocol = action),
    commitInfo: (action) => (commitInfo = action),
  });
  return { adds, removes, cdcs, transactions, domains, metaData, protocol, commitInfo };
}
