import { CommanderError } from "commander";
import { apply } from "./command/apply.ts";
import { audit } from "./command/audit.ts";
import { bridge } from "./command/bridge/bridge.ts";
import { demo } from "./command/demo.ts";
import { history } from "./command/history.ts";
import { identity } from "./command/identity/identity.ts";
import { recipient } from "./command/recipient/recipient.ts";
import { query } from "./command/query.ts";
import { resolve } from "./command/resolve.ts";
import { run } from "./command/run.ts";
import { schema } from "./command/schema.ts";
import { segment } from "./command/segment.ts";
import { serve } from "./command/serve.ts";
import { status } from "./command/status.ts";
import { table } from "./command/table/table.ts";
import { tags } from "./command/tags.ts";
import { endOnSignals } from "./end-on-signals.ts";
import { EXIT, printError } from "./output.ts";
import { createProgram } from "./program.ts";

/** Runs `onecopy` with its arguments and gives the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const program = createProgram([
    demo,
    apply,
    history,
    run,
    status,
    query,
    resolve,
    identity,
    table,
    tags,
    segment,
    serve,
    recipient,
    bridge,
    audit,
    schema,
  ]);
  forEachCommand(program, (command) => command.exitOverride());
  process.stdout.on("error", ignoreClosedPipe);
  endOnSignals();
  try {
    await program.parseAsync([...args], { from: "user" });
    return process.exitCode === undefined ? EXIT.ok : Number(process.exitCode);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    return printError(error, args.includes("--json"));
  }
}

type Program = ReturnType<typeof createProgram>;

function forEachCommand(command: Program, visit: (command: Program) => void): void {
  visit(command);
  for (const inner of command.commands) forEachCommand(inner as Program, visit);
}

/** `onecopy query … | head` closes the pipe early; that is no error. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code === "EPIPE") process.exit(EXIT.ok);
  throw error;
}
