import type { Reporter, TestModule } from "vitest/node";

/**
 * Closes a run with the line `N passed, N failed`. A file or a group that broke before its tests ran, and an error
 * outside of any test, count as one failure each: otherwise tests that never ran would look like none that failed.
 */
export class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    let passed = 0;
    let failed = unhandledErrors.length;
    for (const module of modules) {
      for (const part of [module, ...module.children.allSuites()]) if (part.errors().length > 0) failed += 1;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === "passed") passed += 1;
        else if (state !== "skipped") failed += 1;
      }
    }
    // Written as the process ends, so that it is the last line whatever other reporters say.
    process.once("exit", () => process.stdout.write(`\n${passed} passed, ${failed} failed\n`));
  }
}
