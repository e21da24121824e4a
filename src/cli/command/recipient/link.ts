import type { Command } from "commander";
import { makeActivationLink } from "../../../access/index.ts";
import { OneCopyError, systemClock } from "../../../base/index.ts";
import { openProject } from "../../../project/index.ts";
import { print, printJson } from "../../output.ts";
import { globalsOf } from "../../program.ts";
import { granted } from "./granted.ts";
import { rotate, rotationText } from "./rotation.ts";
import { type TokenOptions, days, overlapDays, serverAddress, withTokenOptions } from "./token-options.ts";

const HOUR_MS = 3_600_000;

interface LinkOptions extends TokenOptions {
  readonly linkHours: string;
}

export function link(recipients: Command): void {
  withTokenOptions(
    recipients
      .command("link")
      .description("make a one-time link with which a recipient downloads its profile file")
      .argument("<name>", "a recipient that a share in onecopy.yaml names"),
  )
    .option("--link-hours <number>", "how long the link can be opened, at most 30 days (720)", "72")
    .addHelpText(
      "after",
      `
The link opens a page of \`onecopy serve\` at --endpoint, with a button that gives the file, once; the token is made then. What
opens it stands behind the #, which browsers send to nobody, and so is in no log. Only its hash is kept: it can't be shown again.

Example:
  $ onecopy recipient link bi_team --endpoint https://onecopy.example.com`,
    )
    .action(async (name: string, options: LinkOptions, command: Command) => {
      const { json, project: at } = globalsOf(command);
      const project = await openProject(at);
      const { shares } = await granted(project, name);
      const tokenDays = options.days === undefined ? undefined : days(options.days);
      const overlap = overlapDays(options);
      const expiresAt = new Date(Date.now() + hours(options.linkHours) * HOUR_MS);
      const page = serverAddress(options.endpoint, "activate");
      const link = {
        recipient: name,
        oauth: options.oauth,
        expiresAt,
        ...(tokenDays === undefined ? {} : { tokenDays }),
      };
      const url = `${page}#${await makeActivationLink(project.state, link, systemClock)}`;
      const rotation = await rotate(project, name, overlap);
      if (json) return printJson({ recipient: name, shares, url, expiresAt, rotated: rotation?.ended });
      print(url);
      print(
        `${name} can open it once, until ${expiresAt.toISOString()}, and then reads ${shares.join(", ")}.`,
      );
      if (rotation !== undefined) print(rotationText(name, rotation));
    });
}

function hours(text: string): number {
  const value = Number(text);
  if (value > 0 && value <= 720) return value;
  throw new OneCopyError("cli.bad_hours", `--link-hours must be more than 0 and at most 720, found ${text}.`);
}
