import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { liveness, processTag } from "./process.ts";

const printTag = `import { processTag } from "./src/base/process.ts"; console.log(processTag); setTimeout(() => {}, 60_000)`;

test("this process runs", () => {
  expect(liveness(processTag)).toBe("running");
});

test("another process runs until it is killed", async () => {
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", printTag], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [output] = (await once(child.stdout, "data")) as [Buffer];
  const tag = output.toString().trim();
  expect(liveness(tag)).toBe("running");
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(liveness(tag)).toBe("gone");
});

test("the same number with another start is another process", () => {
  const [place, pid] = processTag.split(".");
  expect(liveness(`${place}.${pid}.1`)).toBe("gone");
});

test("a process of another machine, and a text that is no tag, cannot be judged", () => {
  const [, pid, start] = processTag.split(".");
  for (const tag of [`0123456789ab.${pid}.${start}`, "", "x", "..", `${processTag.split(".")[0]}.-1.0`])
    expect(liveness(tag), tag).toBe("elsewhere");
});
