import type { Command } from "commander";
import { connect } from "./connect.ts";
import { revoke } from "./revoke.ts";
import { whoCan } from "./who-can.ts";

export function bridge(program: Command): void {
  const commands = program
    .command("bridge")
    .description("let other people's warehouses and tools read tables of the lake");
  connect(commands);
  whoCan(commands);
  revoke(commands);
}
