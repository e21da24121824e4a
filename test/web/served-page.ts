import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { issueToken, makeActivationLink, revokeTokens } from "../../src/access/index.ts";
import { systemClock } from "../../src/base/index.ts";
import { applyRevision, openProject } from "../../src/project/index.ts";
import { type AdminData, serve } from "../../src/server/index.ts";

/** The page as `onecopy serve` serves it, with `data` behind its admin API. */
export interface ServedPage {
  /** The page's address, without a token. */
  readonly url: string;
  /** One that the server accepts. */
  readonly token: string;
  /** What went wrong in the server. */
  readonly failures: readonly unknown[];
  /** The address of a one-time link for the recipient `warehouse`. */
  activationLink(): Promise<string>;
  /** From here on the server accepts none of the tokens. */
  revokeTokens(): Promise<void>;
  /** Takes the server away from the page. */
  stop(): Promise<void>;
  /** Brings it back at the same address. */
  start(): Promise<void>;
  close(): Promise<void>;
}

export async function servePage(data: AdminData, webFolder: string): Promise<ServedPage> {
  const folder = await mkdtemp(join(tmpdir(), "onecopy-web-"));
  const shares = "shares:\n  analytics: { tables: [unified.customer_360], recipients: [warehouse] }\n";
  await writeFile(join(folder, "onecopy.yaml"), `name: web-test\nlake: ./lake\n${shares}`);
  const project = await openProject(folder);
  await applyRevision(project.state, project.config, { author: "test", message: "", clock: systemClock });
  const failures: unknown[] = [];
  const options = { project, data, webFolder, onError: (error: unknown) => void failures.push(error) };
  let server = await serve({ ...options, port: 0 });
  const { port } = server;
  const expiresAt = new Date(Date.now() + 3_600_000);
  const token = await issueToken(project.state, { principal: "tester", kind: "admin", expiresAt });
  return {
    url: `${server.url}/`,
    token,
    failures,
    activationLink: async () => {
      const link = { recipient: "warehouse", oauth: false, expiresAt };
      return `${server.url}/activate#${await makeActivationLink(project.state, link, systemClock)}`;
    },
    revokeTokens: async () => {
      await revokeTokens(project.state, "tester");
    },
    stop: () => server.stop(),
    start: async () => {
      server = await serve({ ...options, port });
    },
    close: async () => {
      await server.stop();
      await rm(folder, { recursive: true });
    },
  };
}
