// The built command, again and again in one process: what a start costs is paid once. Each message is a run, each answer what it printed.
import { main } from "../../dist/cli/index.js";

process.on("message", ({ args }) => void answer(args));

async function answer(args) {
  const printed = { stdout: "", stderr: "" };
  const writes = Object.keys(printed).map((name) => [name, process[name].write]);
  for (const [name] of writes)
    process[name].write = (chunk, ...rest) => {
      printed[name] += typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("utf8");
      rest.find((one) => typeof one === "function")?.();
      return true;
    };
  process.exitCode = undefined;
  const code = await main(args);
  for (const [name, write] of writes) process[name].write = write;
  // A command listens as if the process were its own.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.removeAllListeners(signal);
  process.stdout.removeAllListeners("error");
  process.send({ code, signal: null, ...printed });
}
