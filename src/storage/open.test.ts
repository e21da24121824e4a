import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { openStore } from "./open.ts";

test("a path and its URL open the same store, whatever characters the path has", async () => {
  const folder = await mkdtemp(join(tmpdir(), "onecopy-open-"));
  try {
    for (const name of ["plain", "50% off", "a%20b", "q?x#y", "Łódź 🐘", "semi;colon&amp", "back\\slash"]) {
      const byPath = openStore(join(folder, name));
      expect(fileURLToPath(byPath.url)).toBe(`${join(folder, name)}/`);
      await byPath.put("a b/c%20d", name);
      const byUrl = openStore(byPath.url);
      expect(byUrl.url).toBe(byPath.url);
      expect(byUrl.locate("a b/c%20d")).toBe(join(folder, name, "a b", "c%20d"));
      const got = await byUrl.get("a b/c%20d");
      expect(got.kind === "found" && Buffer.from(got.body).toString()).toBe(name);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("a path is taken from the working folder, without its dots", () => {
  expect(openStore("some/../lake/").url).toBe(pathToFileURL(join(process.cwd(), "lake/")).href);
});

test("every memory store is a new one", async () => {
  await openStore("memory:").put("a", "x");
  expect(await openStore("memory:").head("a")).toEqual({ kind: "absent" });
});

test("an address that cannot be opened says why, and repeats no secret", () => {
  const failure = (address: string): { code: string; message: string } => {
    try {
      openStore(address);
    } catch (error) {
      return error as { code: string; message: string };
    }
    throw new Error(`${address} was opened`);
  };
  for (const address of ["https://x?sig=secret", "ftp://key:secret@host/x"]) {
    expect(failure(address).code).toBe("storage.scheme_unsupported");
    expect(failure(address).message).not.toContain("secret");
  }
  for (const address of [
    "",
    "a\0b",
    "file:lake",
    "file://host/lake",
    "file:///a?b",
    "file:///a#b",
    "file:///%2F",
    "file:///%zz",
    "s3://",
    "s3://key:secret@bucket/x",
    "s3://bucket/a//secret",
    "s3://bucket/../secret",
    "s3://bucket/x?secret=1",
    "gs://secret@bucket/x",
    "abfss://container@evil.example/secret",
    "az://container/secret",
  ]) {
    expect(failure(address).code, address).toBe("storage.bad_url");
    expect(failure(address).message).not.toContain("secret");
  }
});

test("a bucket's address ends with one slash, and is what its objects' addresses begin with", () => {
  for (const address of ["s3://bucket", "s3://bucket/", "s3a://bucket"])
    expect(openStore(address, { environment: {} }).url).toBe("s3://bucket/");
  const store = openStore("s3://bucket/my lake/é", { environment: {} });
  expect(store.url).toBe("s3://bucket/my lake/é/");
  expect(store.locate("a b%20")).toBe("s3://bucket/my lake/é/a b%20");
  expect(openStore("gs://bucket/x", { environment: {} }).url).toBe("gs://bucket/x/");
  const environment = { AZURE_STORAGE_ACCOUNT: "account1", AZURE_STORAGE_KEY: "c2VjcmV0" };
  const azure = "abfss://container@account1.dfs.core.windows.net/x/";
  for (const address of ["az://container/x", azure])
    expect(openStore(address, { environment }).url).toBe(azure);
});

test("variables that cannot be right are refused when the store is opened", () => {
  for (const environment of [
    { AWS_ACCESS_KEY_ID: "secret" },
    { AWS_ENDPOINT_URL_S3: "https://key:secret@host" },
    { AWS_ENDPOINT_URL: "host:9000" },
    { ONECOPY_S3_URL_STYLE: "secret" },
    { AZURE_STORAGE_CONNECTION_STRING: "AccountName=other;AccountKey=secret" },
  ]) {
    const address = Object.keys(environment)[0]!.startsWith("AZURE")
      ? "abfss://container@account1.dfs.core.windows.net/"
      : "s3://bucket";
    const open = (): unknown => openStore(address, { environment });
    expect(open).toThrow(expect.objectContaining({ code: "storage.bad_url" }));
    expect(open).toThrow(expect.objectContaining({ message: expect.not.stringContaining("secret") }));
  }
});
