import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { issueToken, revokeTokens } from "../../access/index.ts";
import { OneCopyError, newId } from "../../base/index.ts";
import { readDemoMemory } from "../../demo/index.ts";
import { type Project, enterProcess, openProject } from "../../project/index.ts";
import { openWorkspace } from "../../run/index.ts";
import { type Overview, type Serving, projectData, serve as serveProject } from "../../server/index.ts";
import { commandName } from "../command-name.ts";
import { print, printJson } from "../output.ts";
import { globalsOf } from "../program.ts";

export const DEFAULT_PORT = 4321;
const SESSION_HOURS = 24;

export function serve(program: Command): void {
  program
    .command("serve")
    .description("serve the web app and the Bridge: Delta Sharing and the Iceberg REST catalog")
    .option("--port <number>", "port to listen on; 0 takes a free one", String(DEFAULT_PORT))
    .option(
      "--public-url <url>",
      "the https address of a reverse proxy in front, by which other machines reach it",
    )
    .option("--host <address>", "address to listen on; other than 127.0.0.1 needs --public-url", "127.0.0.1")
    .addHelpText("after", "\nExample:\n  $ onecopy serve --port 8080")
    .action(async (options: { port: string; host: string; publicUrl?: string }, command: Command) => {
      const globals = globalsOf(command);
      const project = await openProject(globals.project);
      const served = await startServing(project, { ...options, port: portOf(options.port) });
      if (globals.json) printJson({ url: served.serving.url, page: served.page });
      else print(whatToOpen(served, globals.project));
      await stopSignal();
      await served.stop();
    });
}

export interface Served {
  readonly serving: Serving;
  /** The web app's address, with a token for this session. */
  readonly page: string;
  readonly token: string;
  stop(): Promise<void>;
}

/** Serves a project until `stop()`; its admin token ends with it. */
export async function startServing(
  project: Project,
  options: { readonly port: number; readonly host?: string; readonly publicUrl?: string },
): Promise<Served> {
  const workspace = await openWorkspace(project, { confined: true });
  const serving = await serveProject({
    project,
    data: projectData(workspace, () => demoFigures(project.folder)),
    // As seen from dist/cli/index.js, which this file becomes a part of.
    webFolder: fileURLToPath(new URL("../web", import.meta.url)),
    ...options,
  });
  const principal = `serve-${newId()}`;
  const expiresAt = new Date(Date.now() + SESSION_HOURS * 3_600_000);
  const token = await issueToken(project.state, { principal, kind: "admin", expiresAt });
  const leave = await enterProcess(project.state, "serve", serving.url);
  return {
    serving,
    page: `${serving.url}/#token=${token}`,
    token,
    stop: async () => {
      await serving.stop();
      await revokeTokens(project.state, principal);
      await leave();
      await workspace.close();
    },
  };
}

async function demoFigures(folder: string): Promise<Overview["demo"]> {
  const memory = await readDemoMemory(folder);
  if (memory?.f1 === undefined || memory.baselineF1 === undefined) return null;
  return { f1: memory.f1, baselineF1: memory.baselineF1 };
}

export function whatToOpen({ serving, page }: Served, folder: string): string {
  return [
    `Open   ${page}`,
    `Bridge ${serving.url}/delta-sharing  (profile file: ${commandName()} --project ${folder} recipient profile NAME --out FILE)`,
    `       ${serving.url}/iceberg        (Iceberg REST catalog; the token of a recipient, or the one above)`,
    "Stop with Ctrl-C.",
  ].join("\n");
}

export function portOf(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new OneCopyError("cli.bad_port", `--port must be a whole number from 0 to 65535, found ${text}.`);
}

/** Resolves at Ctrl-C, when the terminal goes, or when the process is asked to end. */
export function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    process.once("SIGINT", () => resolve());
    process.once("SIGTERM", () => resolve());
    process.once("SIGHUP", () => resolve());
  });
}
