import type { Hono } from "hono";
import { grantedShare, principalOf } from "../../access/index.ts";
import { keyIn } from "../../table/index.ts";
import type { Authenticated } from "../bearer.ts";
import type { BridgeContext } from "../context.ts";
import { forbidden } from "./error.ts";
import { fileAnswer } from "./file-answer.ts";
import { SIGNATURE_KEY, verifyFile } from "./signed-url.ts";

/** Data files by signed URL. The signature stands in for the bearer token; that token and its grant must still hold. */
export function files(app: Hono<Authenticated>, context: BridgeContext, secret: Uint8Array): void {
  app.get("/files/:answer/:file", async (c) => {
    const verified = verifyFile(secret, c.req.param(), c.req.query(SIGNATURE_KEY), context.clock.now());
    if (verified.kind === "forged")
      return forbidden(c, "The file's address is not one that this server signed.");
    if (verified.kind === "expired")
      return forbidden(c, "The file's address has expired. Query the table again.");
    const { claims } = verified;
    const principal = await principalOf(context.state, claims.token, context.clock);
    const share = principal && grantedShare(await context.shares(), principal, claims.share);
    if (share?.tables.includes(claims.table) !== true) {
      return forbidden(c, "The table that this file belongs to is no longer shared with you.");
    }
    return fileAnswer(context.lake, keyIn(claims.folder, claims.path), c.req.raw);
  });
  app.all("/files/*", (c) => forbidden(c, "The file's address is not one that this server signed."));
}
