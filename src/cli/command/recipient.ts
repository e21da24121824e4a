import { lstat } from "node:fs/promises";
import type { Command } from "commander";
import {
  issueToken,
  listTokens,
  recipientNamed,
  revokeToken,
  shortenTokens,
  sharesAt,
} from "../../access/index.ts";
import { OneCopyError, messageOf, systemClock } from "../../base/index.ts";
import { writeProfileFile } from "../../bridge/index.ts";
import { currentRevision, openProject } from "../../project/index.ts";
import { counted, print, printJson, textTable } from "../output.ts";
import { globalsOf } from "../program.ts";

const DAY_MS = 86_400_000;

interface ProfileOptions {
  readonly out: string;
  readonly endpoint: string;
  readonly days?: string;
  readonly oauth: boolean;
  readonly othersEndAfter?: string;
}

export function recipient(program: Command): void {
  const recipients = program
    .command("recipient")
    .description("let somebody read what is shared with them; `onecopy bridge revoke` ends that");
  recipients
    .command("profile")
    .description("issue a token and write the profile file that a Delta Sharing client asks for")
    .argument("<name>", "a recipient that a share in onecopy.yaml names")
    .requiredOption(
      "-o, --out <file>",
      "where to write the profile file; it holds the token, so hand it over safely",
    )
    .option("--endpoint <url>", "the address of `onecopy serve`", "http://127.0.0.1:4321")
    .option("--days <number>", "how long the token lives; default: recipients.<name>.token_days, or 90")
    .option(
      "--oauth",
      "a profile of version 2: the client gets its token by OAuth2 client credentials",
      false,
    )
    .option(
      "--others-end-after <days>",
      "rotation: the recipient's other tokens end after so many days at the latest; 0 ends them now",
    )
    .addHelpText("after", "\nExample:\n  $ onecopy recipient profile bi_team --out bi_team.share")
    .action(async (name: string, options: ProfileOptions, command: Command) => {
      const { json, project: at } = globalsOf(command);
      const project = await openProject(at);
      const { config } = await currentRevision(project);
      const shares = sharesAt(config, systemClock.now());
      const granted = Object.entries(shares)
        .filter(([, share]) => share.recipients.includes(name))
        .map(([share]) => share);
      if (granted.length === 0)
        throw unknownRecipient(
          name,
          Object.values(shares).flatMap((share) => share.recipients),
        );
      // Before the token is made: one that nobody holds would stay in the list.
      await requireFree(options.out);
      const life = days(options.days ?? recipientNamed(config.recipients, name).token_days);
      const overlap = options.othersEndAfter === undefined ? undefined : overlapDays(options.othersEndAfter);
      const expiresAt = new Date(Date.now() + life * DAY_MS);
      const token = await issueToken(project.state, { principal: name, kind: "recipient", expiresAt });
      await writeProfileFile(options.out, {
        endpoint: sharingEndpoint(options.endpoint),
        token,
        expiresAt,
        ...(options.oauth ? { clientId: name } : {}),
      }).catch(async (cause: unknown) => {
        await revokeToken(project.state, token);
        throw notWritten(options.out, cause);
      });
      const endsAt = new Date(Date.now() + (overlap ?? 0) * DAY_MS);
      const rotated =
        overlap === undefined ? undefined : await shortenTokens(project.state, name, { endsAt, keep: token });
      if (json) printJson({ recipient: name, shares: granted, file: options.out, expiresAt, rotated });
      else {
        print(`Wrote ${options.out}: ${name} reads ${granted.join(", ")} until ${expiresAt.toISOString()}.`);
        if (rotated !== undefined)
          print(`${counted(rotated, "other token")} of ${name} will end by ${endsAt.toISOString()}.`);
      }
    });
  recipients
    .command("list")
    .description("list the tokens that were issued; the tokens themselves are not kept")
    .addHelpText("after", "\nExample:\n  $ onecopy recipient list")
    .action(async (_options: unknown, command: Command) => {
      const { json, project } = globalsOf(command);
      const tokens = await listTokens((await openProject(project)).state);
      if (json) return printJson(tokens);
      if (tokens.length === 0) return print("No token was issued yet.");
      const rows = tokens.map((t) => [
        t.id,
        t.principal,
        t.kind,
        t.createdAt.toISOString(),
        t.expiresAt.toISOString(),
      ]);
      print(textTable(["token", "principal", "kind", "issued", "expires"], rows));
    });
}

function days(text: string | number): number {
  const value = Number(text);
  if (value > 0 && value <= 730) return value;
  throw new OneCopyError("cli.bad_days", `--days must be more than 0 and at most 730, found ${text}.`);
}

function overlapDays(text: string): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (value >= 0 && value <= 730) return value;
  throw new OneCopyError("cli.bad_days", `--others-end-after must be 0 to 730 days, found ${text}.`);
}

function unknownRecipient(name: string, known: readonly string[]): OneCopyError {
  const list = [...new Set(known)].sort().join(", ");
  return new OneCopyError(
    "cli.unknown_recipient",
    `No share names ${name} as a recipient; known are: ${list || "none"}.`,
    {
      remedy: "Add the name to `recipients` of a share in onecopy.yaml and run `onecopy apply`.",
    },
  );
}

async function requireFree(file: string): Promise<void> {
  const taken = await lstat(file).then(
    () => true,
    () => false,
  );
  if (taken) {
    throw new OneCopyError("cli.file_exists", `${file} is there already.`, {
      remedy: "Delete it, or name another file with --out.",
    });
  }
}

function notWritten(file: string, cause: unknown): OneCopyError {
  if (cause instanceof OneCopyError) return cause;
  return new OneCopyError(
    "cli.file_not_written",
    `${file} could not be written, and its token was ended: ${messageOf(cause)}`,
    {
      remedy: "Name a file in a folder that is there and that you may write to, with --out.",
      cause,
    },
  );
}

/** The Delta Sharing server at the address that `onecopy serve` printed. */
function sharingEndpoint(serverUrl: string): string {
  if (URL.canParse(serverUrl)) return `${serverUrl.replace(/\/+$/, "")}/delta-sharing/`;
  throw new OneCopyError(
    "cli.bad_endpoint",
    `--endpoint must be an address such as http://127.0.0.1:4321, found ${serverUrl}.`,
  );
}
