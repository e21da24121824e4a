import type { Command } from "commander";
import { listTokens, openLinks } from "../../../access/index.ts";
import { systemClock } from "../../../base/index.ts";
import { openProject } from "../../../project/index.ts";
import { print, printJson, textTable } from "../../output.ts";
import { globalsOf } from "../../program.ts";

export function list(recipients: Command): void {
  recipients
    .command("list")
    .description("list the tokens that were issued, and the links that can be opened; neither itself is kept")
    .addHelpText("after", "\nExample:\n  $ onecopy recipient list")
    .action(async (_options: unknown, command: Command) => {
      const { json, project } = globalsOf(command);
      const { state } = await openProject(project);
      const tokens = await listTokens(state);
      const links = (await openLinks(state, systemClock.now())).map((link) => ({
        id: link.id.slice(0, 12),
        principal: link.recipient,
        kind: "activation link",
        createdAt: new Date(link.createdAt),
        expiresAt: new Date(link.expiresAt),
      }));
      const all = [...tokens, ...links];
      if (json) return printJson(all);
      if (all.length === 0) return print("No token was issued yet.");
      const rows = all.map((t) => [
        t.id,
        t.principal,
        t.kind,
        t.createdAt.toISOString(),
        t.expiresAt.toISOString(),
      ]);
      print(textTable(["token", "principal", "kind", "issued", "expires"], rows));
    });
}
