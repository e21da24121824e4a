import { userInfo } from "node:os";
import type { Command } from "commander";
import { OneCopyError, systemClock } from "../../base/index.ts";
import { applyRevision, openProject } from "../../project/index.ts";
import { print, printJson } from "../output.ts";
import { globalsOf } from "../program.ts";

export function apply(program: Command): void {
  program
    .command("apply")
    .description("store onecopy.yaml as the next revision of the configuration")
    .option("-m, --message <text>", "why the configuration changes", "")
    .option("--author <name>", "who changes it (default: the user of this machine)")
    .addHelpText("after", '\nExample:\n  $ onecopy apply -m "Segment for the spring campaign"')
    .action(async (options: { message: string; author?: string }, command: Command) => {
      const { json, project: at } = globalsOf(command);
      const project = await openProject(at);
      const author = options.author ?? userInfo().username;
      const outcome = await applyRevision(project.state, project.config, {
        author,
        message: options.message,
        clock: systemClock,
      });
      if (outcome.kind === "conflict") {
        throw new OneCopyError(
          "project.apply_conflict",
          `Somebody else applied revision ${outcome.newest} at the same moment.`,
          {
            remedy:
              "See it with `onecopy history`, then run `onecopy apply` again if yours should follow it.",
          },
        );
      }
      const { config: _config, ...revision } = outcome.revision;
      if (json) printJson({ outcome: outcome.kind, ...revision });
      else if (outcome.kind === "unchanged") print(`Nothing changed since revision ${revision.number}.`);
      else print(`Applied as revision ${revision.number}. Bring everything up to date with \`onecopy run\`.`);
    });
}
