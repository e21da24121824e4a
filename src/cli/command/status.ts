import type { Command } from "commander";
import { formatBytes } from "../../audit/index.ts";
import { currentRevision, isUnapplied, listProcesses, openProject } from "../../project/index.ts";
import {
  type ModelStatus,
  type TableStatus,
  openWorkspace,
  lastMovement,
  modelStatus,
  planProject,
  tableStatus,
} from "../../run/index.ts";
import { movementText } from "../movement.ts";
import { print, printJson, textTable } from "../output.ts";
import { globalsOf } from "../program.ts";

export function status(program: Command): void {
  program
    .command("status")
    .description("show the tables, their versions, and what the next run would bring up to date")
    .addHelpText("after", "\nExample:\n  $ onecopy status")
    .action(async (_options: unknown, command: Command) => {
      const { json, project: at } = globalsOf(command);
      const workspace = await openWorkspace(await openProject(at), { confined: true });
      try {
        const { revision, catalog, project } = workspace;
        const names = (await catalog.list()).map(({ namespace, name }) => `${namespace}.${name}`).sort();
        const tables: TableStatus[] = [];
        for (const name of names) {
          const table = await catalog.find(name);
          if (table !== undefined) tables.push(await tableStatus(workspace.session, name, table));
        }
        const outOfDate = await planProject(workspace);
        const movement = await lastMovement(workspace);
        const model = await modelStatus(catalog);
        const processes = await listProcesses(project.state);
        const unapplied = isUnapplied(project, await currentRevision(project));
        if (json)
          return printJson({
            name: revision.config.name,
            lake: project.lake.url,
            revision: revision.number,
            tables,
            unapplied,
            outOfDate,
            ...(movement === undefined ? {} : { lastResolution: movement }),
            ...(model === undefined ? {} : { identityModel: model }),
            processes,
          });
        print(`${revision.config.name}: revision ${revision.number}, lake ${project.lake.url}\n`);
        if (tables.length > 0) {
          const shown = tables.map((t) => [
            t.name,
            t.version,
            t.rows,
            t.sizeBytes === null ? null : formatBytes(t.sizeBytes),
            t.committedAt,
          ]);
          print(`${textTable(["table", "version", "rows", "size", "committed at"], shown)}\n`);
        }
        for (const { name, alerts } of tables) for (const alert of alerts) print(`! ${name}: ${alert}\n`);
        if (movement !== undefined) print(`The last resolution: ${movementText(movement)}.\n`);
        if (model !== undefined) print(`${modelText(model)}\n`);
        if (unapplied) print(unappliedText(revision.number));
        if (outOfDate.length === 0) print("Everything is up to date.");
        else
          print(
            `The next \`onecopy run\` begins with:\n${outOfDate.map(({ target, why }) => `  ${target}: ${why}`).join("\n")}`,
          );
      } finally {
        await workspace.close();
      }
    });
}

function modelText({ version, trainedAt, why }: ModelStatus): string {
  return `The identity model: version ${version}, trained${trainedAt === null ? "" : ` at ${trainedAt}`}: ${why}.`;
}

export function unappliedText(revision: number): string {
  return `onecopy.yaml differs from revision ${revision}, which is in force. Put it in force with \`onecopy apply\`.`;
}
