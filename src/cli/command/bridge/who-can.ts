import type { Command } from "commander";
import { listTokens, openLinks, recipientNamed, sharesAt } from "../../../access/index.ts";
import { OneCopyError, systemClock } from "../../../base/index.ts";
import { type Project, currentRevision, openProject } from "../../../project/index.ts";
import { print, printJson, textTable } from "../../output.ts";
import { globalsOf } from "../../program.ts";

/** One way in which somebody can reach a table through the Bridge. */
interface Access {
  readonly who: string;
  readonly may: "read" | "read and write";
  /** `share analytics`, `writes lab`, `admin`. */
  readonly by: string;
  /** From where; empty: from anywhere. */
  readonly addresses: readonly string[];
  /** Tokens that are good now: without one, nobody gets in. */
  readonly tokens: number;
  /** When the last of them ends. */
  readonly tokensEndAt: Date | null;
  /** Activation links that nobody has opened: each may become a token. */
  readonly links: number;
}

export function whoCan(bridge: Command): void {
  bridge
    .command("who-can")
    .description(
      "list who can reach a table through the Bridge now: by which grant, from where, with how many tokens",
    )
    .argument("<table>", "namespace.table")
    .addHelpText(
      "after",
      `
Who has rights on the storage itself reaches the files without OneCopy: your cloud's own audit tells of them.

Example:
  $ onecopy bridge who-can unified.customer_360`,
    )
    .action(async (table: string, _options: unknown, command: Command) => {
      const { json, project } = globalsOf(command);
      if (!/^[^.\s]+\.[^.\s]+$/.test(table))
        throw new OneCopyError("cli.bad_table", `A table is named namespace.table, found ${table}.`);
      const found = await accessTo(await openProject(project), table.toLowerCase());
      if (json) return printJson(found);
      if (found.length === 0) return print(`Nobody can reach ${table} through the Bridge.`);
      const rows = found.map((one) => [
        one.who,
        one.may,
        one.by,
        one.addresses.join(", ") || "anywhere",
        one.tokens,
        one.tokensEndAt?.toISOString() ?? "",
        one.links,
      ]);
      print(textTable(["who", "may", "by", "from", "tokens", "until", "links"], rows));
    });
}

async function accessTo(project: Project, table: string): Promise<Access[]> {
  const { config } = await currentRevision(project);
  const now = systemClock.now();
  const tokens = (await listTokens(project.state)).filter(({ expiresAt }) => expiresAt > now);
  const links = await openLinks(project.state, now);
  const access = (who: string, kind: "recipient" | "admin", may: Access["may"], by: string): Access => {
    const own = tokens.filter((token) => token.principal === who && token.kind === kind);
    const ends = own.map(({ expiresAt }) => expiresAt.getTime());
    return {
      who,
      may,
      by,
      addresses: kind === "admin" ? [] : (recipientNamed(config.recipients, who).addresses ?? []),
      tokens: own.length,
      tokensEndAt: ends.length === 0 ? null : new Date(Math.max(...ends)),
      links: kind === "admin" ? 0 : links.filter(({ recipient }) => recipient === who).length,
    };
  };
  const namespace = table.slice(0, table.indexOf("."));
  const shared = Object.entries(sharesAt(config, now)).flatMap(([share, { tables, recipients }]) =>
    tables.includes(table) ? recipients.map((who) => access(who, "recipient", "read", `share ${share}`)) : [],
  );
  const writers = Object.entries(config.recipients).flatMap(([who, { writes }]) =>
    writes.includes(namespace) ? [access(who, "recipient", "read and write", `writes ${namespace}`)] : [],
  );
  const admins = new Set(tokens.filter(({ kind }) => kind === "admin").map(({ principal }) => principal));
  return [
    ...shared,
    ...writers,
    ...[...admins].map((who) => access(who, "admin", "read and write", "admin")),
  ];
}
