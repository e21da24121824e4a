import type { Context, MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import type { AccessRecord } from "../access/index.ts";
import type { Authenticated } from "./bearer.ts";
import type { BridgeContext } from "./context.ts";

/** What an answer lets its client read; names as the log has them. */
export interface Read {
  readonly share_name?: string;
  /** `namespace.table`. */
  readonly table_name: string;
  readonly version?: number;
  /** See {@link AccessRecord}. */
  readonly ends_at?: string;
}

/** Longest name of a share or table that is kept of a request. */
const LONGEST_NAME = 300;

/**
 * Every answer is in the log of accesses before it leaves; what can't be logged is not answered: `unavailable` is, and
 * the error goes to the context. A request that brought no token got nothing, and is not told of.
 */
export function audited(
  context: BridgeContext,
  protocol: AccessRecord["protocol"],
  unavailable: (c: Context) => Response,
): MiddlewareHandler<Authenticated> {
  const { accessLog, onError } = context;
  return async (c, next) => {
    await next();
    if (c.res.status === 401 && c.req.header("authorization") === undefined) return;
    // Neither wrong tokens without end nor a client without measure fill the lake.
    if (c.res.status === 429) return;
    try {
      await accessLog.record(Object.assign(recordOf(context, c, protocol), outcomeOf(c.res.status)));
    } catch (error) {
      onError(error);
      await c.res.body?.cancel().catch(() => undefined);
      c.res = undefined;
      c.res = unavailable(c);
    }
  };
}

/**
 * Tells the log what an answer has sent or given the means to read, at its end: for answers that are made while they
 * are sent. Call it where the answer is begun.
 */
export function sentRecorder(
  context: BridgeContext,
  c: Context<Authenticated>,
  protocol: AccessRecord["protocol"],
  decision: "granted" | "sent",
): (sent: { readonly files: number; readonly bytes: number }) => Promise<void> {
  const record = recordOf(context, c, protocol);
  return async (sent) => {
    const answered_at = context.clock.now().toISOString();
    await context.accessLog.record({ ...record, answered_at, ...sent, decision, status: 200 });
  };
}

function recordOf(
  { clock, clientAddress }: BridgeContext,
  c: Context<Authenticated>,
  protocol: AccessRecord["protocol"],
): Omit<AccessRecord, "decision" | "status"> {
  // Unset where nobody was let in.
  const principal = c.get("principal") as Authenticated["Variables"]["principal"] | undefined;
  return {
    answered_at: clock.now().toISOString(),
    principal: principal?.name ?? null,
    token: principal?.tokenId.slice(0, 12) ?? null,
    address: clientAddress(c),
    protocol,
    operation: `${c.req.method} ${routePath(c)}`,
    ...namesIn(c),
    version: null,
    files: null,
    bytes: null,
    ends_at: null,
    ...c.get("read"),
  };
}

function outcomeOf(status: number): Pick<AccessRecord, "decision" | "status"> {
  return { decision: status < 400 ? "allowed" : status < 500 ? "denied" : "failed", status };
}

/** What the request's path names: as it is, whether or not there is such a thing. */
function namesIn(c: Context): { readonly share_name: string | null; readonly table_name: string | null } {
  const { share, schema, prefix, namespace, table, view } = c.req.param() as Record<
    string,
    string | undefined
  >;
  const [folder, name] = [schema ?? namespace, table ?? view];
  const full = folder === undefined ? name : name === undefined ? undefined : `${folder}.${name}`;
  return {
    share_name: (share ?? prefix)?.slice(0, LONGEST_NAME) ?? null,
    table_name: full?.slice(0, LONGEST_NAME) ?? null,
  };
}
