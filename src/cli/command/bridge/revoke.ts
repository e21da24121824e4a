import type { Command } from "commander";
import { LENT_LIFE_MS, mightBeLentTo, revoke as revokeAll } from "../../../access/index.ts";
import { type Project, openProject, revisionsSince } from "../../../project/index.ts";
import { counted, print, printJson } from "../../output.ts";
import { globalsOf } from "../../program.ts";

/** So long a server may take to see it. */
const SEEN_AFTER_MS = 1000;

/** Clocks of the machines that apply configurations are not the same. */
const CLOCKS_APART_MS = 5 * 60 * 1000;

export function revoke(bridge: Command): void {
  bridge
    .command("revoke")
    .description(
      "end all tokens and activation links of a recipient at once, and tell when the last that was given out for them ends",
    )
    .argument("<name>", "the recipient")
    .addHelpText(
      "after",
      `
New answers stop within a second, and so do bytes that go through OneCopy: all of them in a lake that is a folder, in strict
shares, and of recipients with \`addresses\`. Addresses and keys of an S3 store that are out already live for 15 minutes at
the most. What a share grants is taken away in onecopy.yaml, with \`onecopy apply\`.

Example:
  $ onecopy bridge revoke bi_team`,
    )
    .action(async (name: string, _options: unknown, command: Command) => {
      const { json, project: at } = globalsOf(command);
      const project = await openProject(at);
      const { links, tokens: revoked } = await revokeAll(project.state, name, new Date());
      const now = new Date();
      const isLent = revoked.includes("admin")
        ? project.lake.lending !== undefined
        : await mayBeLent(project, name, now);
      const lastEndsBy = new Date(now.getTime() + SEEN_AFTER_MS + (isLent ? LENT_LIFE_MS : 0));
      const ends = lastEndsBy.toISOString();
      if (json) return printJson({ recipient: name, revoked: revoked.length, links, lastEndsBy });
      if (links > 0) print(`Ended ${counted(links, "activation link")} of ${name}.`);
      if (revoked.length === 0) return print(`${name} has no tokens.`);
      print(
        `Ended ${counted(revoked.length, "token")} of ${name}: no new answer from now on; ${
          isLent
            ? `what opens files in ${project.lake.url} itself, and is out, ends by ${ends}.`
            : `the last file on its way breaks off by ${ends}.`
        }`,
      );
    });
}

/** Whether anything that opens files in the store itself may be out, by all that was in force while such a thing lives. */
async function mayBeLent({ lake, state }: Project, name: string, now: Date): Promise<boolean> {
  if (lake.lending === undefined) return false;
  const since = new Date(now.getTime() - LENT_LIFE_MS - CLOCKS_APART_MS);
  const revisions = await revisionsSince(state, since).catch(() => undefined);
  return revisions?.some(({ config }) => mightBeLentTo(config, name, since)) !== false;
}
