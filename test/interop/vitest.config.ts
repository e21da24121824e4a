import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { CountReporter } from "../reporter.ts";

/** Independent readers of our tables. Two files at a time: each waits for processes of its own, in Python or Java, most of its time. */
export default defineConfig({
  test: {
    root: fileURLToPath(new URL("../..", import.meta.url)),
    include: ["test/interop/**/*.test.ts"],
    globalSetup: "test/interop/spark/shared-session.ts",
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 240_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 20_000 } },
    reporters: ["default", new CountReporter()],
  },
});
