import { mkdtemp, readFile, rm, stat, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { writeProfileFile } from "./profile-file.ts";

const profile = {
  endpoint: "http://127.0.0.1:8080/delta-sharing/",
  token: "onecopy_secret",
  expiresAt: new Date("2027-01-01T00:00:00Z"),
};

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "onecopy-profile-"));
});
afterEach(() => rm(folder, { recursive: true }));

test("a profile file is of version 1, and only its owner can read it", async () => {
  const path = join(folder, "sales.share");
  await writeProfileFile(path, profile);
  expect(JSON.parse(await readFile(path, "utf8"))).toEqual({
    shareCredentialsVersion: 1,
    endpoint: profile.endpoint,
    bearerToken: profile.token,
    expirationTime: "2027-01-01T00:00:00.000Z",
  });
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test("for OAuth2 client credentials it is of version 2, and says where the token is had", async () => {
  const path = join(folder, "sales.share");
  await writeProfileFile(path, { ...profile, clientId: "sales" });
  expect(JSON.parse(await readFile(path, "utf8"))).toEqual({
    shareCredentialsVersion: 2,
    type: "oauth_client_credentials",
    endpoint: profile.endpoint,
    tokenEndpoint: "http://127.0.0.1:8080/delta-sharing/oauth/token",
    clientId: "sales",
    clientSecret: profile.token,
  });
});

test("a file, or a link that somebody has put there, is left alone", async () => {
  const path = join(folder, "sales.share");
  await symlink(join(folder, "elsewhere"), path);
  await expect(writeProfileFile(path, profile)).rejects.toMatchObject({ code: "bridge.profile_file_exists" });
  await expect(stat(join(folder, "elsewhere"))).rejects.toMatchObject({ code: "ENOENT" });
});
