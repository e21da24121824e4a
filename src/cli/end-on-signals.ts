import { constants } from "node:os";

/**
 * Ends the process at Ctrl-C, SIGTERM and SIGHUP, unless the command listens itself, with what is due at "exit": by
 * default a signal ends Node without it, and the spill folder, a copy of customers' data, would stay.
 */
export function endOnSignals(): void {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    const end = (): void => {
      if (process.listenerCount(signal) > 1) return;
      // Last of all the signal again, now as it is by default: a normal end would wait for the query under way.
      process.once("exit", () => {
        process.off(signal, end);
        process.kill(process.pid, signal);
      });
      process.exit(128 + constants.signals[signal]);
    };
    process.on(signal, end);
  }
}
