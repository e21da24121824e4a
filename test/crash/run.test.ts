import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { onecopy } from "../cli/command.ts";

const AS_OF = ["--as-of", "2026-06-30"];

/** What people and their tables say, without when they were first seen. */
const QUESTIONS = [
  "select source, record_id, profile_id from identity.assignments order by all",
  "select profile_id, household_id from identity.households order by all",
  "select event, from_profile_id, to_profile_id, source, record_id from identity.changes order by all",
  "select * from unified.unified_coalesced order by all",
  "select * from unified.customer_360 order by all",
  "select * from unified.unified_transactions order by all",
  "select count(*) n from raw.web_shop_rejects",
];

describe("a run that is killed at any point", () => {
  let root: string;
  let pristine: string;
  let wanted: string[];
  let wholeMs: number;

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), "onecopy-killed-"));
    pristine = join(root, "pristine");
    // The demo is made by the command, then everything but its sources is taken away.
    expect(await onecopy(["demo", "--people", "150", "--folder", pristine])).toMatchObject({ code: 0 });
    for (const made of ["lake", "out", ".onecopy"])
      await rm(join(pristine, made), { recursive: true, force: true });
    const whole = await copyOf("whole");
    const startedMs = Date.now();
    expect(await onecopy(["run", ...AS_OF, "--project", whole])).toMatchObject({ code: 0 });
    wholeMs = Date.now() - startedMs;
    wanted = await answers(whole);
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  it("is finished by the next one, with the very same tables", async () => {
    const folder = await copyOf("killed");
    let kills = 0;
    for (let share = 0.2; share < 1; share += 0.15) {
      const cut = await onecopy(["run", ...AS_OF, "--project", folder], { killAfterMs: wholeMs * share });
      if (cut.signal === "SIGKILL") kills += 1;
      else break;
    }
    expect(kills).toBeGreaterThan(0);
    expect(await onecopy(["run", ...AS_OF, "--project", folder])).toMatchObject({ code: 0 });
    expect(await answers(folder)).toEqual(wanted);
    expect((await onecopy(["run", ...AS_OF, "--project", folder])).stdout).toContain("Nothing to do");
  }, 240_000);

  it("two runs at once end with the same tables too", async () => {
    const folder = await copyOf("twice");
    const both = await Promise.all([1, 2].map(() => onecopy(["run", ...AS_OF, "--project", folder])));
    expect(
      both.map(({ code }) => code),
      both.map((one) => one.stdout).join("\n"),
    ).toEqual([0, 0]);
    expect(await answers(folder)).toEqual(wanted);
  }, 240_000);

  async function copyOf(name: string): Promise<string> {
    const folder = join(root, name);
    await cp(pristine, folder, { recursive: true, preserveTimestamps: true });
    expect(await onecopy(["apply", "--project", folder])).toMatchObject({ code: 0 });
    return folder;
  }
});

async function answers(folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const sql of QUESTIONS) {
    const { code, stdout, stderr } = await onecopy(["query", sql, "--format", "csv", "--project", folder]);
    expect(code, stderr).toBe(0);
    found.push(stdout);
  }
  return found;
}
