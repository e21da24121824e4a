import type { Hono } from "hono";
import type { SigningKey } from "../../access/index.ts";
import { keyIn } from "../../table/index.ts";
import { sentRecorder } from "../audited.ts";
import { type Authenticated, notAdmitted } from "../bearer.ts";
import type { BridgeContext } from "../context.ts";
import { isStillGranted } from "../shared-table.ts";
import { forbidden, notLetIn } from "./error.ts";
import { fileAnswer } from "./file-answer.ts";
import { SIGNATURE_KEY, verifyFile } from "./signed-url.ts";

/** Data files by signed URL. The signature stands in for the bearer token; that token and its grant must still hold. */
export function files(app: Hono<Authenticated>, context: BridgeContext, key: SigningKey): void {
  app.get("/files/:answer/:file", async (c) => {
    const secret = await key.current();
    const verified = verifyFile(secret, c.req.param(), c.req.query(SIGNATURE_KEY), context.clock.now());
    if (verified.kind === "forged")
      return forbidden(c, "The file's address is not one that this server signed.");
    if (verified.kind === "expired")
      return forbidden(c, "The file's address has expired. Query the table again.");
    const { claims } = verified;
    c.set("read", { share_name: claims.share, table_name: claims.table });
    const admission = await context.gate.readmit(claims.token, context.clientAddress(c));
    if (admission.kind === "wrong_address" || admission.kind === "too_many")
      return notLetIn(c, notAdmitted(c, admission));
    if (admission.kind === "admitted") c.set("principal", admission.principal);
    if (!(await isStillGranted(context, claims)))
      return forbidden(c, "The table that this file belongs to is no longer shared with you.");
    const sent = sentRecorder(context, c, "delta-sharing", "sent");
    return await fileAnswer(context.lake, keyIn(claims.folder, claims.path), c.req.raw, {
      stillAllowed: () => isStillGranted(context, claims),
      sent: (bytes) => sent({ files: 1, bytes }),
    });
  });
  app.all("/files/*", (c) => forbidden(c, "The file's address is not one that this server signed."));
}
