import type { Command } from "commander";
import { cluster } from "./cluster.ts";
import { evaluate } from "./evaluate.ts";
import { explain } from "./explain.ts";
import { links } from "./links.ts";
import { report } from "./report.ts";
import { review } from "./review.ts";

export function identity(program: Command): void {
  const commands = program
    .command("identity")
    .description("look into how records became people, and decide it by hand");
  for (const register of [explain, cluster, report, review, evaluate, links]) register(commands);
}
