import { AccessLog, Gate, SigningKey } from "../access/index.ts";
import { type Clock, OneCopyError, systemClock } from "../base/index.ts";
import { clientAddress } from "../bridge/index.ts";
import { Catalog } from "../catalog/index.ts";
import type { Project } from "../project/index.ts";
import type { AdminData } from "./admin-data.ts";
import { application } from "./application.ts";
import { listen } from "./listen.ts";
import { liveAccess } from "./live-access.ts";
import { webApp } from "./web-app.ts";

export interface ServeOptions {
  readonly project: Project;
  readonly data: AdminData;
  /** 0 takes a free port. */
  readonly port: number;
  /** The folder of the built web app. */
  readonly webFolder?: string;
  /** Default: 127.0.0.1. */
  readonly host?: string;
  /** The address of a reverse proxy in front of the server, by which other machines reach it. */
  readonly publicUrl?: string;
  readonly clock?: Clock;
  /** Gets what went wrong while a request was answered; the client gets no details. Default: standard error. */
  readonly onError?: (error: unknown) => void;
}

export interface Serving {
  /** Without a slash at the end: `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly port: number;
  /** Lets answers that are under way finish, for a few seconds, and takes no new request. */
  stop(): Promise<void>;
}

/**
 * Serves a project over HTTP.
 * Fails with `server.port_in_use`, `server.port_not_allowed`, `server.bad_host`, `server.bad_public_url`,
 * `server.public_url_needed`, `server.web_app_missing`.
 */
export async function serve(options: ServeOptions): Promise<Serving> {
  const { project, data, host = "127.0.0.1", clock = systemClock, onError = reportError } = options;
  const publicUrl = publicAddress(options.publicUrl, host);
  const { lake, state } = project;
  const { shares, recipients, segments } = liveAccess(project, clock);
  const bridge = {
    lake,
    gate: new Gate({ state, clock, recipients }),
    accessLog: new AccessLog(lake),
    signingKey: new SigningKey(state),
    clientAddress: clientAddress(project.config.proxies),
    catalog: await Catalog.open(lake),
    shares,
    segments,
    icebergWrites: { filesOutside: project.config.catalog.files_outside },
    clock,
    onError,
    ...(publicUrl === undefined ? {} : { publicUrl }),
  };
  const web = options.webFolder === undefined ? undefined : await webApp(options.webFolder);

  const app = application({ ...bridge, state, data, recipients }, web);
  const { port, stop } = await listen(app.fetch, host, options.port);
  return { url: publicUrl ?? `http://${host.includes(":") ? `[${host}]` : host}:${port}`, port, stop };
}

/** Tokens must not travel in the clear between machines: what is not on the loopback interface needs TLS before it. */
function publicAddress(publicUrl: string | undefined, host: string): string | undefined {
  if (publicUrl === undefined) {
    if (["127.0.0.1", "localhost", "::1"].includes(host)) return undefined;
    throw new OneCopyError("server.public_url_needed", `${host} can be reached from other machines.`, {
      remedy:
        "Put a reverse proxy with TLS in front and name its https address as the public URL, or use 127.0.0.1.",
    });
  }
  const url = URL.canParse(publicUrl) ? new URL(publicUrl) : undefined;
  const local = url?.hostname === "localhost" || url?.hostname === "127.0.0.1";
  const fits = url !== undefined && (url.protocol === "https:" || (url.protocol === "http:" && local));
  if (fits && url.search === "" && url.hash === "") return url.href.replace(/\/+$/, "");
  throw new OneCopyError("server.bad_public_url", `${publicUrl} is not an https address.`, {
    remedy: "Give an address like https://lake.example.com, without query or fragment.",
  });
}

function reportError(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
}
