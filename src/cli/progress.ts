import type { Step, StepEvent } from "../run/index.ts";
import { counted } from "./output.ts";

export interface Progress {
  readonly event: (event: StepEvent) => void;
  end(): void;
}

/** Shows a run while it goes on, on standard error: one line that changes on a terminal, a line a step elsewhere. */
export function progressLine(form: "text" | "none"): Progress {
  if (form === "none") return { event: () => undefined, end: () => undefined };
  const live = process.stderr.isTTY;
  const erase = live ? "\r\u001b[2K" : "";
  const transient = (text: string): void => {
    if (live) process.stderr.write(`${erase}${text.slice(0, (process.stderr.columns ?? 80) - 1)}`);
  };
  return {
    event: (event) => {
      if (event.kind === "started") transient(`… ${event.target}`);
      else if (event.kind === "progress") transient(`… ${event.target}: ${event.note}`);
      else if (event.step.action !== "unchanged") process.stderr.write(`${erase}${stepLine(event.step)}\n`);
    },
    end: () => {
      if (live) process.stderr.write(erase);
    },
  };
}

function stepLine(step: Step): string {
  const mark = step.action === "failed" ? "✗" : "✓";
  const rows = step.rows === undefined ? "" : `${counted(step.rows, "row")}, `;
  return `${mark} ${step.target.padEnd(32)} ${rows}${step.seconds.toFixed(1)} s  (${step.why})`;
}
