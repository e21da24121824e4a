import { writeFile } from "node:fs/promises";
import { OneCopyError } from "../../base/index.ts";

export interface ProfileFile {
  /** The address of the Delta Sharing server: `http://127.0.0.1:8080/delta-sharing/`. */
  readonly endpoint: string;
  readonly token: string;
  readonly expiresAt: Date;
}

/** The text of a profile file, version 1 (PROTOCOL.md, "Profile File Format"). Whoever has it can read the shares. */
export function profileFileText(profile: ProfileFile): string {
  const file = {
    shareCredentialsVersion: 1,
    endpoint: profile.endpoint,
    bearerToken: profile.token,
    expirationTime: profile.expiresAt.toISOString(),
  };
  return `${JSON.stringify(file, null, 2)}\n`;
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
