import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** A process that answers one JSON request a line on stdin with one JSON answer a line on stdout, in order. */
export class LineProcess {
  private readonly process: ChildProcessWithoutNullStreams;
  private readonly lines: AsyncIterator<string>;
  private complaints = "";

  constructor(
    private readonly command: string,
    args: readonly string[],
    environment: Readonly<Record<string, string>> = {},
  ) {
    const env = { ...process.env, PYTHONIOENCODING: "utf-8", ...environment };
    this.process = spawn(command, args, { env });
    this.process.stderr.on("data", (chunk: Buffer) => (this.complaints += chunk.toString()));
    this.process.on("error", (error) => (this.complaints += error.message));
    this.process.stdin.on("error", () => undefined); // it has ended: the missing answer says so
    this.lines = createInterface({ input: this.process.stdout })[Symbol.asyncIterator]();
  }

  get pid(): number {
    return this.process.pid!;
  }

  async ask(request: unknown): Promise<unknown> {
    this.tell(request);
    return await this.answer();
  }

  tell(request: unknown): void {
    this.process.stdin.write(`${JSON.stringify(request)}\n`);
  }

  async answer(): Promise<unknown> {
    const line = await this.lines.next();
    if (line.done === true) throw new Error(`${this.command} ended: ${this.complaints.slice(-2000)}`);
    return JSON.parse(line.value) as unknown;
  }

  async close(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const closed = new Promise((resolve) => this.process.once("close", resolve));
    this.process.stdin.end();
    await closed;
  }
}
