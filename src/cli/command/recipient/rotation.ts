import { shortenTokens } from "../../../access/index.ts";
import type { Project } from "../../../project/index.ts";
import { counted } from "../../output.ts";
import { DAY_MS } from "./token-options.ts";

interface Rotation {
  readonly ended: number;
  readonly endsAt: Date;
}

/** Lets the recipient's tokens, but for the new one, end after some days. */
export async function rotate(
  project: Project,
  name: string,
  overlap: number | undefined,
  keep?: string,
): Promise<Rotation | undefined> {
  if (overlap === undefined) return undefined;
  const endsAt = new Date(Date.now() + overlap * DAY_MS);
  const ended = await shortenTokens(project.state, name, { endsAt, ...(keep === undefined ? {} : { keep }) });
  return { ended, endsAt };
}

export function rotationText(name: string, { ended, endsAt }: Rotation): string {
  return `${counted(ended, "other token")} of ${name} will end by ${endsAt.toISOString()}.`;
}
