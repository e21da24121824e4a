import { Hono } from "hono";
import { etag } from "hono/etag";
import { secureHeaders } from "hono/secure-headers";
import {
  type BridgeContext,
  deltaSharing,
  deltaSharingApi,
  icebergApi,
  icebergRest,
  openApiDocument,
} from "../bridge/index.ts";
import { type AdminApiContext, adminApi } from "./admin-api.ts";
import { webApi } from "./api.ts";
import { ownHost } from "./own-host.ts";

/**
 * All that is served: `/delta-sharing`, `/iceberg`, `/api`, `/openapi.json`, which tells of these, and the web app at `/`.
 * A test compares the routes that there are with those that are told of.
 */
export function application(context: BridgeContext & AdminApiContext, web?: Hono): Hono {
  const app = new Hono();
  app.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'self'"],
        // The component library writes its theme into a style element.
        styleSrc: ["'self'", "'unsafe-inline'"],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
      xFrameOptions: "DENY",
      // The server speaks plain HTTP; whether there is TLS is the proxy's to say.
      strictTransportSecurity: false,
    }),
  );
  app.use(ownHost(context.publicUrl));
  app.route("/delta-sharing", deltaSharing(context));
  app.route("/iceberg", icebergRest(context));
  app.route("/api", adminApi(context));
  const document = JSON.stringify(openApiDocument([deltaSharingApi, icebergApi, webApi]));
  // It says nothing of this installation.
  app.get("/openapi.json", etag(), (c) =>
    c.body(document, 200, { "Content-Type": "application/json", "Cache-Control": "no-cache" }),
  );
  if (web !== undefined) app.route("/", web);
  return app;
}
