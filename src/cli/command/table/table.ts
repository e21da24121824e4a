import type { Command } from "commander";
import { compact } from "./compact.ts";
import { history } from "./history.ts";
import { purge } from "./purge.ts";
import { restore } from "./restore.ts";
import { vacuum } from "./vacuum.ts";

export function table(program: Command): void {
  const commands = program
    .command("table")
    .description("look at the versions of one table, and see to it by hand; `onecopy run` does what is due");
  for (const register of [history, compact, vacuum, restore, purge]) register(commands);
}
