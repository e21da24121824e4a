import { Hono } from "hono";
import { audited } from "../audited.ts";
import { type Authenticated, bearer } from "../bearer.ts";
import { boundedBody } from "../bounded-body.ts";
import type { BridgeContext } from "../context.ts";
import { refuse } from "../error.ts";
import { boundedForm, tokenAnswer } from "../oauth.ts";
import { activation } from "./activation.ts";
import { directory } from "./directory.ts";
import { errorAnswer, notLetIn, tooLarge, unavailable } from "./error.ts";
import { files } from "./files.ts";
import { listing } from "./listing.ts";
import { reading } from "./reading.ts";

const LARGEST_BODY_BYTES = 1024 * 1024;

/** The Delta Sharing protocol (delta-io/delta-sharing, PROTOCOL.md); its `{prefix}` is where this app is mounted. */
export function deltaSharing(context: BridgeContext): Hono<Authenticated> {
  const app = new Hono<Authenticated>();
  app.onError((error, c) => errorAnswer(c, error, context.onError));

  app.use(audited(context, "delta-sharing", unavailable));
  files(app, context, context.signingKey);
  activation(app, context);
  app.post("/oauth/token", boundedForm, (c) => tokenAnswer(context, c));
  // From here on, nothing is answered without a token, and no body is read.
  app.use(bearer(context, notLetIn));
  app.use(boundedBody(LARGEST_BODY_BYTES, tooLarge));
  listing(app, context);
  reading(app, context, context.signingKey);
  directory(app, context);
  app.all("*", () => {
    throw refuse("not_found", "There is nothing at this address.");
  });
  return app;
}
