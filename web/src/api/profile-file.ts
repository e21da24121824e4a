import { z } from "zod/mini";
import { ask } from "./request.ts";
import { saveFile } from "./save-file.ts";

const profileFileShape = z.looseObject({ bearerToken: z.string() });

/**
 * Has a token issued to a recipient and hands the profile file to the browser as a download. The server keeps only the
 * token's hash, so the file can't be had a second time.
 */
export async function downloadProfileFile(recipient: string): Promise<void> {
  const path = `api/recipients/${encodeURIComponent(recipient)}/profile`;
  const file = await ask(path, profileFileShape, AbortSignal.timeout(30_000), "POST");
  saveFile(`${JSON.stringify(file, null, 2)}\n`, `${recipient}.share`);
}
