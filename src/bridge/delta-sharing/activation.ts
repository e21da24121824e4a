import type { Hono } from "hono";
import { ownerOf } from "../../access/index.ts";
import { type Authenticated, bearerOf, notAdmitted } from "../bearer.ts";
import type { BridgeContext } from "../context.ts";
import { forbidden, gone, notLetIn } from "./error.ts";
import { profileFileAnswer } from "./profile-file.ts";

const PATH = "/activation";

const UNKNOWN =
  "This is no activation link, or one that was revoked. Ask whoever sent it to you for a new one.";

const WHY = {
  used: "This link was opened already: it gives its file once. If it was not you, tell whoever sent it to you at once.",
  expired: "This link has expired. Ask whoever sent it to you for a new one.",
  gone: UNKNOWN,
};

/**
 * A recipient's one-time link: whoever brings its secret first gets the profile file. The page that it leads to sends the
 * secret when a button is pressed, so that who only looks at the address uses nothing up.
 */
export function activation(app: Hono<Authenticated>, context: BridgeContext): void {
  const { gate } = context;
  app.post(PATH, async (c) => {
    const found = await gate.link(bearerOf(c), context.clientAddress(c));
    if (found.kind !== "link") {
      if (found.kind !== "unauthenticated" && found.principal !== undefined)
        c.set("principal", found.principal);
      const { status, message } = notAdmitted(c, found);
      return notLetIn(c, { status, message: status === 401 ? UNKNOWN : message });
    }
    const { link } = found;
    c.set("principal", ownerOf(link));
    const shares = Object.values(await context.shares());
    if (!shares.some(({ recipients }) => recipients.includes(link.recipient)))
      return forbidden(c, "Nothing is shared with you any more. Ask whoever sent you the link.");
    const opening = await gate.open(link);
    if (opening.kind !== "opened") return gone(c, WHY[opening.kind]);
    const { origin, pathname } = new URL(c.req.url);
    return profileFileAnswer(c, link.recipient, {
      endpoint: `${context.publicUrl ?? origin}${pathname.slice(0, -PATH.length)}/`,
      token: opening.token,
      expiresAt: opening.expiresAt,
      ...(link.oauth ? { clientId: link.recipient } : {}),
    });
  });
}
