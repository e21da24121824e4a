import type { Command } from "commander";
import { revokeTokens } from "../../../access/index.ts";
import { openProject } from "../../../project/index.ts";
import { counted, print, printJson } from "../../output.ts";
import { globalsOf } from "../../program.ts";

export function revoke(bridge: Command): void {
  bridge
    .command("revoke")
    .description(
      "end all tokens of a recipient at once, and the addresses of files that were given out for them",
    )
    .argument("<name>", "the recipient")
    .addHelpText(
      "after",
      `
All bytes go through OneCopy, so nothing that was given out outlives its token: new answers stop at once, and files that
are being sent break off within a second. What a share grants is taken away in onecopy.yaml, with \`onecopy apply\`.

Example:
  $ onecopy bridge revoke bi_team`,
    )
    .action(async (name: string, _options: unknown, command: Command) => {
      const { json, project } = globalsOf(command);
      const revoked = await revokeTokens((await openProject(project)).state, name);
      const lastEndsBy = new Date(Date.now() + 1000);
      if (json) printJson({ recipient: name, revoked, lastEndsBy });
      else if (revoked === 0) print(`${name} has no tokens.`);
      else
        print(
          `Ended ${counted(revoked, "token")} of ${name}: no new answer from now on; the last file on its way breaks off by ${lastEndsBy.toISOString()}.`,
        );
    });
}
