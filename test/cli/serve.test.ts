import { readFile, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Serving, onecopy, serve } from "./command.ts";
import { smallShop } from "./small-shop.ts";

describe("onecopy serve", () => {
  let folder: string;
  let serving: Serving;
  beforeAll(async () => {
    folder = await smallShop();
    for (const args of [["apply"], ["run"]])
      expect(await onecopy(["--project", folder, ...args])).toMatchObject({ code: 0 });
    serving = await serve(folder);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const get = (path: string, token = serving.token): Promise<Response> =>
    fetch(`${serving.url}${path}`, { headers: { authorization: `Bearer ${token}` } });

  it("answers the overview from the lake", async () => {
    const overview = (await (await get("/api/overview")).json()) as Record<string, unknown>;
    expect(overview).toMatchObject({
      name: "small-shop",
      people: { profiles: 4, records: 5 },
      segments: [{ name: "everybody", people: 4 }],
      syncs: [{ name: "everybody_out", lastDelivery: { added: 4, changed: 0, removed: 0 } }],
      shares: [{ name: "analytics", recipients: ["bi_team"] }],
      demo: null,
    });
    expect(overview["sources"]).toEqual([
      expect.objectContaining({
        name: "shop",
        kind: "files",
        records: 3,
        tags: expect.objectContaining({ email: "email", last_name: "surname" }),
      }),
      expect.objectContaining({ name: "newsletter", records: 2 }),
    ]);
    expect(overview["answers"]).toHaveLength(3);
  });

  it("tells how the people came about, as the command does, and only an admin", async () => {
    const { report, ...made } = (await (await get("/api/people-report")).json()) as {
      report: Record<string, unknown>;
    };
    expect(made).toMatchObject({ state: "made", model: { version: 1, why: "there was none" } });
    const { stdout } = await onecopy(["--project", folder, "identity", "report", "--json"]);
    expect(report).toEqual(JSON.parse(stdout));
    expect(report).toMatchObject({ records: 5, profiles: 4 });
    expect((await get("/api/people-report", "wrong")).status).toBe(401);
  });

  it("finds a person, and shows the records and why they are one", async () => {
    const { profiles } = (await (await get("/api/profiles?q=quimby")).json()) as {
      profiles: { profileId: string; records: number }[];
    };
    expect(profiles).toEqual([expect.objectContaining({ records: 2 })]);
    const profile = (await (await get(`/api/profiles/${profiles[0]!.profileId}`)).json()) as {
      records: unknown[];
      links: { evidence: { comparison: string; left: string }[] }[];
    };
    expect(profile.records).toHaveLength(2);
    expect(profile.links).toHaveLength(1);
    expect(profile.links[0]!.evidence).toContainEqual(
      expect.objectContaining({
        comparison: "email",
        left: expect.stringMatching(/zoe\.quimby@/i) as string,
      }),
    );
  });

  it("serves the built page at /", async () => {
    const page = await fetch(`${serving.url}/`);
    expect(page.headers.get("content-type")).toContain("text/html");
    expect(await page.text()).toContain("<script");
  });

  it("counts itself among the moving parts, ends its token when it stops, and leaves nothing behind", async () => {
    const { processes } = JSON.parse((await onecopy(["--project", folder, "audit", "--json"])).stdout) as {
      processes: unknown[];
    };
    expect(processes).toEqual([expect.objectContaining({ kind: "serve", address: serving.url })]);
    expect(await serving.stop()).toBe(0);
    expect(await readdir(join(folder, "state", "tokens"))).toEqual([]);
    expect(await readdir(join(folder, ".onecopy", "spill"))).toEqual([]);
    const again = await serve(folder);
    const old = await fetch(`${again.url}/api/overview`, {
      headers: { authorization: `Bearer ${serving.token}` },
    });
    expect(old.status).toBe(401);
    await again.stop();
  });

  it("a profile file opens what is shared, until it is revoked", async () => {
    const again = await serve(folder);
    const file = join(folder, "bi.share");
    expect(
      await onecopy([
        "--project",
        folder,
        "recipient",
        "profile",
        "bi_team",
        "--out",
        file,
        "--endpoint",
        again.url,
      ]),
    ).toMatchObject({ code: 0 });
    const { endpoint, bearerToken } = JSON.parse(await readFile(file, "utf8")) as {
      endpoint: string;
      bearerToken: string;
    };
    const shares = (): Promise<Response> =>
      fetch(`${endpoint}shares`, { headers: { authorization: `Bearer ${bearerToken}` } });
    expect(await (await shares()).json()).toEqual({
      items: [expect.objectContaining({ name: "analytics" })],
    });
    expect(await onecopy(["--project", folder, "bridge", "revoke", "bi_team"])).toMatchObject({
      stdout: expect.stringMatching(/^Ended 1 token of bi_team: .*breaks off by 20/) as string,
    });
    expect((await shares()).status).toBe(401);
    expect(
      await onecopy([
        "--project",
        folder,
        "recipient",
        "profile",
        "nobody",
        "--out",
        join(folder, "x.share"),
      ]),
    ).toMatchObject({ code: 2, stderr: expect.stringContaining("known are: bi_team") as string });
    await again.stop();
  });
});
