import { spawn } from "node:child_process";

export interface Death {
  readonly killed: boolean;
  /** Changes of the store that were reached, the last one not carried out when it died before it. */
  readonly steps: number;
  /** From the operation's begin to its end. */
  readonly durationMs: number;
}

/**
 * Runs an operation in a process that dies before its `step`-th change of the store (0: at none), or `afterMs` after
 * the operation began.
 */
export async function runWriter(
  program: string,
  lake: string,
  operation: string,
  death: { readonly step?: number; readonly afterMs?: number },
): Promise<Death> {
  const child = spawn(
    process.execPath,
    [program, lake, `${lake}.spill`, String(death.step ?? 0), operation],
    {
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let [output, complaints, beganMs] = ["", "", 0];
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
    if (beganMs !== 0 || !output.startsWith("begin\n")) return;
    beganMs = performance.now();
    if (death.afterMs !== undefined) setTimeout(() => child.kill("SIGKILL"), death.afterMs);
  });
  child.stderr.on("data", (chunk: Buffer) => (complaints += chunk.toString()));
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) =>
    child.on("close", (...end) => resolve(end)),
  );
  if (code !== 0 && signal !== "SIGKILL") throw new Error(`${operation}: ${complaints}`);
  return {
    killed: signal === "SIGKILL",
    steps: /^begin\n(\.*)/.exec(output)?.[1]!.length ?? 0,
    durationMs: performance.now() - beganMs,
  };
}
