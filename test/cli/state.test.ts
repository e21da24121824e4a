import { readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync, gzipSync, inflateSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { onecopy } from "./command.ts";
import { CANARIES, smallShop } from "./small-shop.ts";

/** The forms in which a value could have been written, as lower-case text. */
function formsOf(written: string): string[] {
  return [written, written.toLowerCase(), written.toUpperCase()].flatMap(encodingsOf);
}

function encodingsOf(value: string): string[] {
  const base64 = [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), Buffer.from(value)]).toString("base64");
    // Without the characters that its neighbours decide.
    return text.slice(shift === 0 ? 0 : shift + 1, -4);
  });
  const escaped = JSON.stringify(value)
    .slice(1, -1)
    .replaceAll(/[^\x20-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return [
    value,
    encodeURIComponent(value),
    encodeURI(value),
    escaped,
    value.replaceAll("/", "\\/"),
    Buffer.from(value).toString("hex"),
    ...base64,
  ]
    .filter((form) => form.length >= 6)
    .map((form) => form.toLowerCase());
}

/** The bytes as text, and as what they unzip to. */
function textsOf(bytes: Buffer): string[] {
  const unzipped = [gunzipSync, inflateSync].flatMap((unzip) => {
    try {
      return [unzip(bytes).toString("utf8").toLowerCase()];
    } catch {
      return [];
    }
  });
  return [bytes.toString("utf8").toLowerCase(), ...unzipped];
}

async function findCanaries(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    const texts = entry.isFile() ? textsOf(await readFile(path)) : [];
    for (const canary of CANARIES) {
      if (
        [entry.name.toLowerCase(), ...texts].some((text) =>
          formsOf(canary).some((form) => text.includes(form)),
        )
      )
        found.push(`${canary} in ${path}`);
    }
  }
  return found;
}

describe("what is in the state", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await smallShop();
    for (const args of [
      ["apply", "-m", "first"],
      ["run"],
      ["recipient", "profile", "bi_team", "--out", join(folder, "bi.share")],
    ]) {
      expect(await onecopy(["--project", folder, ...args])).toMatchObject({ code: 0 });
    }
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("is rules and hashes: no value of a source in any byte, in any form", async () => {
    expect((await readdir(join(folder, "state"))).sort()).toEqual(
      expect.arrayContaining(["revisions", "tokens"]),
    );
    expect(await findCanaries(join(folder, "state"))).toEqual([]);
  });

  it("the same search finds the values where they are, and in each disguise", async () => {
    expect(await findCanaries(join(folder, "drops"))).not.toEqual([]);
    for (const [name, bytes] of Object.entries({
      base64: Buffer.from(`xy${Buffer.from(`a${CANARIES[2]} and more`).toString("base64")}`),
      url: Buffer.from(encodeURIComponent(CANARIES[6])),
      json: Buffer.from('"quimby-\\u00f6rtel"'),
      gzip: gzipSync(`...${CANARIES[7].toUpperCase()}...`),
    })) {
      const path = join(folder, `disguised-${name}`);
      await writeFile(path, bytes);
    }
    const found = (await findCanaries(folder)).filter((line) => line.includes("disguised-"));
    for (const name of ["base64", "url", "json", "gzip"])
      expect(
        found.some((line) => line.endsWith(`disguised-${name}`)),
        name,
      ).toBe(true);
  });

  it("is never the token of a recipient, only its hash", async () => {
    const { bearerToken } = JSON.parse(await readFile(join(folder, "bi.share"), "utf8")) as {
      bearerToken: string;
    };
    const entries = await readdir(join(folder, "state"), { recursive: true, withFileTypes: true });
    for (const entry of entries.filter((e) => e.isFile())) {
      const path = join(entry.parentPath, entry.name);
      expect(`${path} ${await readFile(path, "utf8")}`).not.toContain(bearerToken);
    }
  });
});
