import type { Command } from "commander";
import { configJsonSchema } from "../../project/index.ts";
import { printJson } from "../output.ts";

export function schema(program: Command): void {
  program
    .command("schema")
    .description("print the JSON Schema of onecopy.yaml")
    .addHelpText("after", "\nExample:\n  $ onecopy schema > onecopy.schema.json")
    .action(() => printJson(configJsonSchema()));
}
