import type { Command } from "commander";
import { OneCopyError } from "../../../base/index.ts";

export const DAY_MS = 86_400_000;

export interface TokenOptions {
  readonly endpoint: string;
  readonly days?: string;
  readonly oauth: boolean;
  readonly othersEndAfter?: string;
}

/** What both ways to a profile file ask for. */
export function withTokenOptions(command: Command): Command {
  return command
    .option("--endpoint <url>", "the address of `onecopy serve`", "http://127.0.0.1:4321")
    .option("--days <number>", "how long the token lives; default: recipients.<name>.token_days, or 90")
    .option(
      "--oauth",
      "a profile of version 2: the client gets short-lived tokens by OAuth2 client credentials",
      false,
    )
    .option(
      "--others-end-after <days>",
      "rotation: the recipient's other tokens end after so many days at the latest; 0 ends them now",
    );
}

export function days(text: string | number): number {
  const value = Number(text);
  if (value > 0 && value <= 730) return value;
  throw new OneCopyError("cli.bad_days", `--days must be more than 0 and at most 730, found ${text}.`);
}

export function overlapDays({ othersEndAfter: text }: TokenOptions): number | undefined {
  if (text === undefined) return undefined;
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (value >= 0 && value <= 730) return value;
  throw new OneCopyError("cli.bad_days", `--others-end-after must be 0 to 730 days, found ${text}.`);
}

/** A place at the address that `onecopy serve` printed. */
export function serverAddress(serverUrl: string, path: string): string {
  if (URL.canParse(serverUrl)) return `${serverUrl.replace(/\/+$/, "")}/${path}`;
  throw new OneCopyError(
    "cli.bad_endpoint",
    `--endpoint must be an address such as http://127.0.0.1:4321, found ${serverUrl}.`,
  );
}
