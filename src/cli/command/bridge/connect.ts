import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Command, Argument, Option } from "commander";
import { type Shares, sharesAt } from "../../../access/index.ts";
import { OneCopyError, systemClock } from "../../../base/index.ts";
import {
  type Warehouse,
  type Way,
  filesOf,
  installationOf,
  recipeFor,
  recipeText,
  recipes,
} from "../../../bridge/index.ts";
import { trinoName } from "../../../catalog/index.ts";
import { openProject } from "../../../project/index.ts";
import { openWorkspace } from "../../../run/index.ts";
import { print, printJson } from "../../output.ts";
import { globalsOf } from "../../program.ts";

interface Options {
  readonly share?: string;
  readonly recipient?: string;
  readonly address: string;
  readonly write?: string;
  readonly way?: Way;
}

export function connect(bridge: Command): void {
  bridge
    .command("connect")
    .description("print the set-up with which a warehouse reads a share's tables, and a check that it does")
    .addArgument(new Argument("<warehouse>", "what reads the tables").choices(Object.keys(recipes)))
    .option("--share <name>", "the share; default: the only one")
    .option("--recipient <name>", "who gets the token; default: the share's only recipient")
    .addOption(
      new Option(
        "--way <way>",
        "where a warehouse has several; default: the one with the fewest moving parts. By a share or the catalog, grants stay OneCopy's",
      ).choices(["share", "catalog", "folder"]),
    )
    .option("--address <url>", "where others reach `onecopy serve`", "http://127.0.0.1:4321")
    .option("--write <folder>", "write the files there, too; none that is there is replaced")
    .addHelpText(
      "after",
      `
Nothing is changed anywhere, and no token is made: the text says how. What you fill in stands in <…>.

Example:
  $ onecopy bridge connect snowflake --address https://onecopy.example.com --write snowflake/`,
    )
    .action(async (warehouse: Warehouse, options: Options, command: Command) => {
      const { json, project: at } = globalsOf(command);
      const address = addressIn(options.address);
      const workspace = await openWorkspace(await openProject(at), { confined: true });
      try {
        const { project, catalog, session, revision } = workspace;
        const {
          name: share,
          tables,
          recipients,
        } = shareIn(sharesAt(revision.config, systemClock.now()), options.share);
        const recipient = recipientIn(share, recipients, options.recipient);
        const installation = await installationOf({
          project: revision.config.name,
          trinoName: trinoName(revision.config),
          lake: project.lake,
          catalog,
          session,
          share,
          recipient,
          address,
          tables,
        });
        const recipe = recipeFor(warehouse, installation, options.way);
        const text = recipeText(warehouse, recipe);
        if (options.write !== undefined)
          await writeFiles(options.write, [...filesOf(recipe), { name: "README.txt", text: `${text}\n` }]);
        if (json) printJson({ warehouse, ...recipe });
        else print(text);
      } finally {
        await workspace.close();
      }
    });
}

function addressIn(text: string): URL {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return new URL(text);
  throw new OneCopyError(
    "cli.bad_address",
    `--address must be an address such as https://onecopy.example.com.`,
  );
}

function shareIn(shares: Shares, wanted: string | undefined): Shares[string] & { name: string } {
  const names = Object.keys(shares);
  const name = wanted ?? (names.length === 1 ? names[0] : undefined);
  if (name !== undefined && Object.hasOwn(shares, name)) return { name, ...shares[name]! };
  throw new OneCopyError(
    "cli.unknown_share",
    wanted === undefined ? "There is not exactly one share to connect to." : `There is no share ${wanted}.`,
    {
      remedy: `Name one with --share; there are: ${names.join(", ") || "none (see shares in onecopy.yaml)"}.`,
    },
  );
}

function recipientIn(share: string, recipients: readonly string[], wanted: string | undefined): string {
  const name = wanted ?? (recipients.length === 1 ? recipients[0] : undefined);
  if (name !== undefined && recipients.includes(name)) return name;
  throw new OneCopyError("cli.unknown_recipient", `Who reads the share ${share} is not said.`, {
    remedy: `Name a recipient with --recipient; the share has: ${recipients.join(", ") || "none (add one in onecopy.yaml)"}.`,
  });
}

async function writeFiles(
  folder: string,
  files: readonly { readonly name: string; readonly text: string }[],
): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const { name, text } of files) {
    try {
      await writeFile(join(folder, name), text, { flag: "wx" });
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw cause;
      throw new OneCopyError("cli.file_exists", `${join(folder, name)} is there already.`, {
        remedy: "You may have filled it in: name another folder with --write, or delete it.",
        cause,
      });
    }
  }
}
