import { defineConfig } from "vitest/config";
import { CountReporter } from "./test/reporter.ts";

/**
 * What `npm test` runs. Two workers: tests of several processes, and of the engine, need processors of their own.
 * Tests with other people's clients have their own configuration, test/interop/vitest.config.ts.
 */
export default defineConfig({
  test: {
    include: ["{src,web/src,test}/**/*.test.{ts,tsx}"],
    exclude: ["test/interop/**"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    reporters: ["default", new CountReporter()],
  },
});
