import { readFile } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";
import { OneCopyError } from "../../base/index.ts";

const form = /^(?:env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$/;

/** Whether a text of the configuration says where a secret is, instead of what it is. */
export function isSecretReference(text: string): boolean {
  return form.test(text);
}

/**
 * The secret that `env:NAME` or `file:PATH` (relative to the configuration's folder, or a file URL) names, without the
 * line break at its end. Fails with `remote.secret_missing`, which says where it looked, and nothing of what it found.
 */
export async function readSecret(reference: string, baseFolder: string): Promise<string> {
  const [kind, place] = [reference.slice(0, reference.indexOf(":")), reference.replace(/^[a-z]+:/, "")];
  const text = kind === "env" ? process.env[place] : await textOf(place, baseFolder);
  const secret = text?.replace(/\r?\n$/, "");
  if (secret !== undefined && secret !== "") return secret;
  throw new OneCopyError(
    "remote.secret_missing",
    kind === "env"
      ? `The variable ${place} is not set.`
      : `There is no readable file ${place} with a secret.`,
    {
      remedy:
        kind === "env"
          ? `Set ${place} where onecopy runs, or name another variable.`
          : "Put the file there, readable by the user who runs onecopy and by nobody else, or correct the path.",
    },
  );
}

async function textOf(place: string, baseFolder: string): Promise<string | undefined> {
  const path = place.startsWith("///") ? fileURLToPath(`file:${place}`) : place;
  return await readFile(isAbsolute(path) ? path : join(baseFolder, path), "utf8").catch(() => undefined);
}
