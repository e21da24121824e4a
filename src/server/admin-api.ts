import { type Context, Hono } from "hono";
import { z } from "zod";
import { type Clock, OneCopyError, stringifyLossless } from "../base/index.ts";
import {
  type Gate,
  type RecipientsConfig,
  type Shares,
  issueToken,
  recipientNamed,
} from "../access/index.ts";
import { type Authenticated, type ClientAddress, bearer, profileFileAnswer } from "../bridge/index.ts";
import type { Store } from "../storage/index.ts";
import type { AdminData } from "./admin-data.ts";

export const ProfileSearch = z.object({
  q: z
    .string()
    .max(200)
    .regex(/^[^\0]*$/, "must be without the character NUL")
    .default(""),
  limit: z.coerce.number().int().min(1).max(100).default(20),
});

export interface AdminApiContext {
  readonly state: Store;
  readonly clock: Clock;
  readonly data: AdminData;
  /** The shares in force. */
  readonly shares: () => Promise<Shares>;
  readonly recipients: () => Promise<RecipientsConfig>;
  readonly gate: Gate;
  readonly clientAddress: ClientAddress;
  /** The address by which clients reach the server; default: the one the request came to. */
  readonly publicUrl?: string;
  readonly onError: (error: unknown) => void;
}

/** What the web app reads. Admin tokens only; every error is `{ code, message, remedy }`. */
export function adminApi(context: AdminApiContext): Hono<Authenticated> {
  const { data } = context;
  const app = new Hono<Authenticated>();
  app.onError((error, c) => {
    context.onError(error);
    const hint = "The server's own output says more.";
    // What the engine says may hold SQL and values.
    if (!(error instanceof OneCopyError) || error.code.startsWith("engine.")) {
      return failure(c, 500, "server.failed", "Something went wrong in the server.", hint);
    }
    return failure(c, 500, error.code, error.message, error.remedy ?? hint);
  });
  app.use(async (c, next) => {
    await next();
    c.header("Cache-Control", "no-store");
  });
  app.use(
    bearer(context, (c, { status, message }) => {
      if (status !== 401)
        return failure(c, status, "server.not_admitted", message, "See `onecopy recipient list`.");
      const remedy = "Open the address that `onecopy serve` prints: it holds a token.";
      return failure(c, 401, "server.unauthenticated", "This needs a valid admin token.", remedy);
    }),
  );
  app.use(async (c, next) => {
    if (c.var.principal.kind === "admin") return next();
    const remedy = "Read shared tables at /delta-sharing and /iceberg, or ask for an admin token.";
    return failure(c, 403, "server.forbidden", "A recipient's token can't be used here.", remedy);
  });

  app.get("/overview", async (c) => json(c, await data.overview()));
  app.get("/people-report", async (c) => json(c, await data.peopleReport()));
  app.get("/profiles", async (c) => {
    const search = ProfileSearch.safeParse(c.req.query());
    if (!search.success) {
      const remedy = "Use q with up to 200 characters, and limit from 1 to 100.";
      return failure(c, 400, "server.bad_parameter", z.prettifyError(search.error), remedy);
    }
    const profiles = await data.searchProfiles(search.data.q, search.data.limit);
    return json(c, { profiles });
  });
  app.get("/profiles/:id{.{1,100}}", async (c) => {
    const profile = await data.profile(c.req.param("id"));
    if (profile !== undefined) return json(c, profile);
    return failure(
      c,
      404,
      "server.no_such_profile",
      "There is no such profile.",
      "Search for the person again.",
    );
  });
  app.post("/recipients/:name/profile", async (c) => {
    const name = c.req.param("name");
    const known = Object.values(await context.shares()).some(({ recipients }) => recipients.includes(name));
    if (!known) {
      const remedy = "Add the name to `recipients` of a share in onecopy.yaml and run `onecopy apply`.";
      return failure(c, 404, "server.no_such_recipient", "No share names this recipient.", remedy);
    }
    const { token_days: days } = recipientNamed(await context.recipients(), name);
    const expiresAt = new Date(context.clock.now().getTime() + days * 86_400_000);
    const token = await issueToken(
      context.state,
      { principal: name, kind: "recipient", expiresAt },
      context.clock,
    );
    const endpoint = `${context.publicUrl ?? new URL(c.req.url).origin}/delta-sharing/`;
    return profileFileAnswer(c, name, { endpoint, token, expiresAt });
  });
  app.all("*", (c) =>
    failure(
      c,
      404,
      "server.no_such_address",
      "There is nothing at this address.",
      "See docs/architecture.md.",
    ),
  );
  return app;
}

/** Bigints are written with all their digits. */
function json(c: Context, value: unknown): Response {
  return c.body(stringifyLossless(value), 200, { "Content-Type": "application/json; charset=utf-8" });
}

function failure(
  c: Context,
  status: 400 | 401 | 403 | 404 | 429 | 500,
  code: string,
  message: string,
  remedy: string,
): Response {
  return c.json({ code, message, remedy }, status);
}
