import type { Command } from "commander";
import { OneCopyError } from "../../base/index.ts";
import { type PairExplanation, type RecordName, explain } from "../../identity/index.ts";
import { openProject } from "../../project/index.ts";
import { openWorkspace, rememberedSources } from "../../run/index.ts";
import { scan } from "../../table/index.ts";
import { print, printJson, textTable } from "../output.ts";
import { globalsOf } from "../program.ts";

export function identity(program: Command): void {
  const commands = program.command("identity").description("look into how records became people");
  commands
    .command("explain")
    .description("why two records are, or are not, one person, as a sum of weights")
    .argument("<record>", "SOURCE:ID, with an id as the source has it")
    .argument("<other>", "another record")
    .addHelpText("after", "\nExample:\n  $ onecopy identity explain web_shop:100001 support_desk:T-2044")
    .action(async (left: string, right: string, _options: unknown, command: Command) => {
      const { json, project } = globalsOf(command);
      const [a, b] = [recordName(left), recordName(right)];
      const workspace = await openWorkspace(await openProject(project), { confined: true });
      try {
        const { catalog, session } = workspace;
        const sources = await rememberedSources(workspace);
        const edges = await catalog.snapshot("identity.edges");
        const assignments = await catalog.snapshot("identity.assignments");
        if (sources === undefined || edges === undefined || assignments === undefined) {
          throw new OneCopyError("cli.out_of_date", "The people are not up to date with the sources.", {
            remedy: "Run `onecopy run`.",
          });
        }
        const inputs = sources.map(({ name, relation, idColumn, tags }) => ({
          source: name,
          relation,
          idColumn,
          tags,
        }));
        const found = await explain(
          session,
          {
            inputs,
            edges: await scan(session, edges),
            assignments: await scan(session, assignments),
          },
          a,
          b,
        );
        if (json) printJson({ left: a, right: b, ...found });
        else print(waterfall(left, right, found));
      } finally {
        await workspace.close();
      }
    });
}

function recordName(text: string): RecordName {
  const at = text.indexOf(":");
  if (at > 0 && at < text.length - 1) return { source: text.slice(0, at), recordId: text.slice(at + 1) };
  throw new OneCopyError("cli.bad_record", `A record is named SOURCE:ID, found ${text}.`, {
    remedy: 'For example web_shop:100001; `onecopy query "from identity.assignments"` lists them.',
  });
}

function waterfall(
  left: string,
  right: string,
  { evidence, weight, probability, sameProfile }: PairExplanation,
): string {
  const rows = evidence.map((e) => [e.comparison, e.level, e.left, e.right, e.weight.toFixed(2)]);
  const total = ["total", `probability ${probability.toFixed(4)}`, null, null, weight.toFixed(2)];
  return [
    textTable(["evidence", "level", left, right, "weight"], [...rows, total]),
    "",
    sameProfile ? "They are one person." : "They are not one person.",
    "A weight is log2 of how much likelier this is for one person than for two; other records can join or part a pair.",
  ].join("\n");
}
