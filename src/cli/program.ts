import { Command } from "commander";
import { version } from "./version.ts";

/** What a command's action gets besides its own options. */
export interface Globals {
  readonly project: string;
  readonly json: boolean;
}

export type Register = (program: Command) => void;

export function createProgram(registrations: readonly Register[]): Command {
  const program = new Command("onecopy")
    .description("The lakehouse customer data platform: one copy of your customer data, in your own storage.")
    .version(version())
    .option("-p, --project <folder>", "folder that holds onecopy.yaml", ".")
    .option("--json", "print JSON for programs", false)
    .showHelpAfterError("Run the command with --help to see how it is used.")
    .addHelpText(
      "after",
      `
Exit codes: 0 done; 1 failed; 2 the command or the configuration is wrong; 3 done in part (see the alerts); 4 stopped, and asks.

Example:
  $ onecopy demo                     # make, resolve and share the example retailer
  $ onecopy --project demo query "select count(*) from unified.customer_360"`,
    );
  for (const register of registrations) register(program);
  inheritSettings(program);
  return program;
}

/** Options that all commands have may stand before or after the command's name. */
function inheritSettings(program: Command): void {
  for (const command of program.commands) {
    command.copyInheritedSettings(program);
    if (command.commands.length > 0) inheritSettings(command);
    else addGlobals(command);
  }
}

function addGlobals(command: Command): void {
  if (command.name() === "help") return;
  command.option("-p, --project <folder>", "folder that holds onecopy.yaml");
  command.option("--json", "print JSON for programs");
}

/** The values of the options that all commands have. */
export function globalsOf(command: Command): Globals {
  const own: { project?: string; json?: boolean } = command.opts();
  let top = command;
  while (top.parent !== null) top = top.parent;
  const outer: Globals = top.opts();
  return { project: own.project ?? outer.project, json: own.json ?? outer.json };
}
