import type { Command } from "commander";
import { formatBytes } from "../../audit/index.ts";
import { isUnapplied, listProcesses, openProject } from "../../project/index.ts";
import { openWorkspace, planProject, rowCount } from "../../run/index.ts";
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
        const tables = [];
        for (const name of names) {
          const snapshot = await catalog.snapshot(name);
          if (snapshot === undefined) continue;
          const rows = await rowCount(workspace.session, snapshot);
          const { sizeBytes } = snapshot.files;
          tables.push({
            name,
            version: snapshot.version,
            rows,
            sizeBytes,
            committedAt: new Date(snapshot.timestampMs).toISOString(),
          });
        }
        const outOfDate = await planProject(workspace);
        const processes = await listProcesses(project.state);
        const unapplied = isUnapplied(project, revision);
        if (json)
          return printJson({
            name: revision.config.name,
            lake: project.lake.url,
            revision: revision.number,
            tables,
            unapplied,
            outOfDate,
            processes,
          });
        print(`${revision.config.name}: revision ${revision.number}, lake ${project.lake.url}\n`);
        if (tables.length > 0) {
          const shown = tables.map((t) => [
            t.name,
            t.version,
            t.rows,
            formatBytes(t.sizeBytes),
            t.committedAt,
          ]);
          print(`${textTable(["table", "version", "rows", "size", "committed at"], shown)}\n`);
        }
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

export function unappliedText(revision: number): string {
  return `onecopy.yaml differs from revision ${revision}, which is in force. Put it in force with \`onecopy apply\`.`;
}
