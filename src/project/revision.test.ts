import { describe, expect, it } from "vitest";
import { fixedClock } from "../base/index.ts";
import { openStore } from "../storage/index.ts";
import { parseConfig } from "./parse.ts";
import { applyRevision, listRevisions, newestRevision, readRevision, readableRevisions } from "./revision.ts";

const note = { author: "ada", message: "why", clock: fixedClock(new Date("2026-01-02T03:04:05Z")) };
const config = (name: string): ReturnType<typeof parseConfig> => parseConfig(`name: ${name}`, "onecopy.yaml");

describe("revisions", () => {
  it("are numbered, name their parent, author and reason, and stay", async () => {
    const state = openStore("memory:");
    await applyRevision(state, config("one"), note);
    const second = await applyRevision(state, config("two"), note);
    expect(second).toMatchObject({
      kind: "applied",
      revision: {
        number: 2,
        parent: 1,
        author: "ada",
        message: "why",
        createdAt: "2026-01-02T03:04:05.000Z",
      },
    });
    expect((await listRevisions(state)).map((revision) => revision.config.name)).toEqual(["one", "two"]);
    expect((await readRevision(state, 1)).config.name).toBe("one");
    expect((await newestRevision(state))?.number).toBe(2);
  });

  it("are not made when nothing changed", async () => {
    const state = openStore("memory:");
    await applyRevision(state, config("one"), note);
    expect(await applyRevision(state, config("one"), note)).toMatchObject({
      kind: "unchanged",
      revision: { number: 1 },
    });
  });

  it("lose no configuration when several people apply at once", async () => {
    const state = openStore("memory:");
    const names = ["a", "b", "c", "d", "e"];
    const outcomes = await Promise.all(names.map((name) => applyRevision(state, config(name), note)));
    const applied = outcomes.filter((outcome) => outcome.kind === "applied");
    expect(applied.length).toBeGreaterThanOrEqual(1);
    expect(outcomes.filter((outcome) => outcome.kind === "unchanged")).toEqual([]);
    expect(await listRevisions(state)).toHaveLength(applied.length);
  });

  it("say what to do when one is not there", async () => {
    await expect(readRevision(openStore("memory:"), 7)).rejects.toMatchObject({
      code: "project.revision_not_found",
      remedy: expect.stringContaining("onecopy history"),
    });
  });

  it("can be applied again when the newest is damaged, as the message says", async () => {
    for (const damaged of ['{"number": 2', '{"number": 2, "from": "the future"}']) {
      const state = openStore("memory:");
      await applyRevision(state, config("one"), note);
      await state.put("revisions/0000000002.json", damaged);
      await expect(newestRevision(state)).rejects.toMatchObject({
        code: "project.revision_unreadable",
        remedy: expect.stringContaining("onecopy apply"),
      });
      expect(await applyRevision(state, config("one"), note)).toMatchObject({
        kind: "applied",
        revision: { number: 3, parent: 2 },
      });
      expect((await newestRevision(state))?.number).toBe(3);
      expect((await readableRevisions(state)).map(({ number }) => number)).toEqual([1, 3]);
    }
  });
});
