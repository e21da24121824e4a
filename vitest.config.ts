import { defineConfig } from "vitest/config";
import { CountReporter } from "./test/reporter.ts";

/**
 * What `npm test` runs. Two workers: tests of several processes, and of the engine, need processors of their own.
 * Tests with other people's clients, killed writers and many writers have configurations of their own in their folders.
 */
export default defineConfig({
  test: {
    include: ["{src,web/src,test}/**/*.test.{ts,tsx}"],
    exclude: ["test/{interop,crash,contention}/**"],
    pool: "forks",
    maxWorkers: 2,
    // For a test that hangs only: how long a sound one takes depends on the machine, and on what else runs on it.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 20_000 } },
    reporters: ["default", new CountReporter()],
  },
});
