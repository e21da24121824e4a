import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { CountReporter } from "../reporter.ts";

/** Processes that are killed. Two operations at a time: each has a child and three readers. */
export default defineConfig({
  test: {
    root: fileURLToPath(new URL("../..", import.meta.url)),
    include: ["test/crash/**/*.test.ts"],
    pool: "forks",
    maxWorkers: 1,
    maxConcurrency: Number(process.env["ONECOPY_PROOF_AT_ONCE"] ?? 2),
    testTimeout: 120_000,
    hookTimeout: 300_000,
    reporters: ["default", new CountReporter()],
  },
});
