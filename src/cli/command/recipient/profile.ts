import { lstat } from "node:fs/promises";
import type { Command } from "commander";
import { issueToken, recipientNamed, revokeToken } from "../../../access/index.ts";
import { OneCopyError, messageOf } from "../../../base/index.ts";
import { writeProfileFile } from "../../../bridge/index.ts";
import { openProject } from "../../../project/index.ts";
import { print, printJson } from "../../output.ts";
import { globalsOf } from "../../program.ts";
import { granted } from "./granted.ts";
import { rotate, rotationText } from "./rotation.ts";
import {
  DAY_MS,
  type TokenOptions,
  days,
  overlapDays,
  serverAddress,
  withTokenOptions,
} from "./token-options.ts";

interface ProfileOptions extends TokenOptions {
  readonly out: string;
}

export function profile(recipients: Command): void {
  withTokenOptions(
    recipients
      .command("profile")
      .description("issue a token and write the profile file that a Delta Sharing client asks for")
      .argument("<name>", "a recipient that a share in onecopy.yaml names")
      .requiredOption(
        "-o, --out <file>",
        "where to write the profile file; it holds the token, so hand it over safely",
      ),
  )
    .addHelpText("after", "\nExample:\n  $ onecopy recipient profile bi_team --out bi_team.share")
    .action(async (name: string, options: ProfileOptions, command: Command) => {
      const { json, project: at } = globalsOf(command);
      const project = await openProject(at);
      const { config, shares } = await granted(project, name);
      // Before the token is made: one that nobody holds would stay in the list.
      await requireFree(options.out);
      const life = days(options.days ?? recipientNamed(config.recipients, name).token_days);
      const overlap = overlapDays(options);
      const expiresAt = new Date(Date.now() + life * DAY_MS);
      const token = await issueToken(project.state, { principal: name, kind: "recipient", expiresAt });
      await writeProfileFile(options.out, {
        endpoint: serverAddress(options.endpoint, "delta-sharing/"),
        token,
        expiresAt,
        ...(options.oauth ? { clientId: name } : {}),
      }).catch(async (cause: unknown) => {
        await revokeToken(project.state, token);
        throw notWritten(options.out, cause);
      });
      const rotation = await rotate(project, name, overlap, token);
      if (json)
        return printJson({ recipient: name, shares, file: options.out, expiresAt, rotated: rotation?.ended });
      print(`Wrote ${options.out}: ${name} reads ${shares.join(", ")} until ${expiresAt.toISOString()}.`);
      if (rotation !== undefined) print(rotationText(name, rotation));
    });
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
