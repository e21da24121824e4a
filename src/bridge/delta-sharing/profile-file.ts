import { writeFile } from "node:fs/promises";
import type { Context } from "hono";
import { OneCopyError } from "../../base/index.ts";

export interface ProfileFile {
  /** The address of the Delta Sharing server: `http://127.0.0.1:8080/delta-sharing/`. */
  readonly endpoint: string;
  readonly token: string;
  /** When the token ends; a file of version 2 does not tell. */
  readonly expiresAt: Date;
  /** The recipient, where the client is to ask for its token by OAuth2 client credentials (version 2). */
  readonly clientId?: string;
}

/** The text of a profile file, version 1 or 2 (PROTOCOL.md, "Profile File Format"). Whoever has it can read the shares. */
function profileFileText(profile: ProfileFile): string {
  const { endpoint, token, clientId } = profile;
  const file =
    clientId === undefined
      ? {
          shareCredentialsVersion: 1,
          endpoint,
          bearerToken: token,
          expirationTime: profile.expiresAt.toISOString(),
        }
      : {
          shareCredentialsVersion: 2,
          type: "oauth_client_credentials",
          endpoint,
          tokenEndpoint: `${endpoint}oauth/token`,
          clientId,
          clientSecret: token,
        };
  return `${JSON.stringify(file, null, 2)}\n`;
}

/** A profile file as a download, which nothing on its way keeps. */
export function profileFileAnswer(c: Context, recipient: string, profile: ProfileFile): Response {
  return c.body(profileFileText(profile), 200, {
    "Content-Type": "application/json; charset=utf-8",
    "Content-Disposition": `attachment; filename="${recipient}.share"`,
    "Cache-Control": "no-store",
  });
}

/** Writes a profile file that only its owner can read. Fails with `bridge.profile_file_exists`. */
export async function writeProfileFile(path: string, profile: ProfileFile): Promise<void> {
  try {
    // "wx" also keeps the token from being written through a link that somebody else has put there.
    await writeFile(path, profileFileText(profile), { mode: 0o600, flag: "wx" });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw cause;
    throw new OneCopyError("bridge.profile_file_exists", `${path} is there already.`, {
      remedy: "Delete it, or choose another name.",
      cause,
    });
  }
}
