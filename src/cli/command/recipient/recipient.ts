import type { Command } from "commander";
import { link } from "./link.ts";
import { list } from "./list.ts";
import { profile } from "./profile.ts";

export function recipient(program: Command): void {
  const recipients = program
    .command("recipient")
    .description("let somebody read what is shared with them; `onecopy bridge revoke` ends that");
  profile(recipients);
  link(recipients);
  list(recipients);
}
