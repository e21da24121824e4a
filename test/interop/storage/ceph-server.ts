import { type ChildProcess, execFile, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { AwsClient } from "aws4fetch";
import { newId } from "../../../src/base/index.ts";
import { reachedByS3 } from "./s3-server.ts";
import { type ObjectServer, endProcess, freePort } from "./server.ts";

/** Debian's packages put it there (scripts/ceph-env.sh). */
export const hasCeph = existsSync("/usr/bin/radosgw");

const bucket = "lake-bucket";
const keys = { accessKeyId: "AKIAONECOPY", secretAccessKey: "a secret of the owner" };
const role = "arn:aws:iam:::role/lender";
const trust = {
  Version: "2012-10-17",
  Statement: [
    { Effect: "Allow", Principal: { AWS: ["arn:aws:iam:::user/onecopy"] }, Action: ["sts:AssumeRole"] },
  ],
};
/** All that the owner may: so what lent keys may not is what their own policy says. */
const rights = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: ["s3:*"], Resource: ["arn:aws:s3:::*"] }],
};

/** A server whose owner's keys open nothing for a while. */
interface KeyedServer extends ObjectServer {
  takeKeysAway(): Promise<void>;
  giveKeysBack(): Promise<void>;
}

/**
 * Ceph's object gateway, with one monitor and one memory store: an S3 server with a Security Token Service that holds keys to
 * the policy of their session, as AWS does. Ready in about twenty seconds.
 */
export async function startCeph(): Promise<KeyedServer> {
  const folder = await mkdtemp(join(tmpdir(), "onecopy-ceph-"));
  const children: ChildProcess[] = [];
  const stop = async (): Promise<void> => {
    for (const child of children.reverse()) await endProcess(child);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const { endpoint, admin } = await start(folder, children);
    const reached = reachedByS3(endpoint, bucket, keys);
    return {
      ...reached,
      stop,
      environment: { ...reached.environment, ONECOPY_S3_LENDING_ROLE: role },
      takeKeysAway: () => admin("user", "suspend", "--uid=onecopy"),
      giveKeysBack: () => admin("user", "enable", "--uid=onecopy"),
    };
  } catch (cause) {
    const log = await readFile(join(folder, "client.rgw.log"), "utf8").catch(() => "");
    await stop();
    throw new Error(`Ceph did not start: ${log.slice(-2000)}`, { cause });
  }
}

async function start(
  folder: string,
  children: ChildProcess[],
): Promise<{ readonly endpoint: string; admin(...args: string[]): Promise<void> }> {
  const [monitorPort, gatewayPort] = [await freePort(), await freePort()];
  const cluster = randomUUID();
  await writeFile(join(folder, "ceph.conf"), configuration(folder, cluster, monitorPort, gatewayPort));
  for (const name of ["mon", "osd", "rgw"]) await mkdir(join(folder, name));
  const env = { ...process.env, CEPH_CONF: join(folder, "ceph.conf") };
  const run = async (command: string, ...args: string[]): Promise<void> => {
    await promisify(execFile)(command, args, { cwd: folder, env, timeout: 60_000 });
  };
  const serve = (command: string, ...args: string[]): void => {
    children.push(spawn(command, ["-f", ...args], { cwd: folder, env, stdio: "ignore" }));
  };
  const key = (name: string, ...rights: string[]): Promise<void> => {
    const caps = rights.flatMap((right) => ["--cap", ...right.split("=")]);
    return run("ceph-authtool", "keyring", "--gen-key", "-n", name, ...caps);
  };
  await run(
    "monmaptool",
    "--create",
    "--fsid",
    cluster,
    "--addv",
    "a",
    `[v2:127.0.0.1:${monitorPort}/0]`,
    "monmap",
  );
  await run(
    "ceph-authtool",
    "--create-keyring",
    "keyring",
    "--gen-key",
    "-n",
    "mon.",
    "--cap",
    "mon",
    "allow *",
  );
  await key("client.admin", "mon=allow *", "osd=allow *");
  await key("client.rgw", "mon=allow *", "osd=allow *");
  await run(
    "ceph-mon",
    "--mkfs",
    "-i",
    "a",
    "--monmap",
    "monmap",
    "--keyring",
    "keyring",
    "--mon-data",
    "mon",
  );
  serve("ceph-mon", "-i", "a", "--mon-data", "mon");
  const osd = randomUUID();
  await run("ceph", "osd", "new", osd);
  await key("osd.0", "mon=allow profile osd", "osd=allow *");
  await run("ceph", "auth", "import", "-i", "keyring");
  await run("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", osd);
  serve("ceph-osd", "-i", "0");
  serve("radosgw", "-n", "client.rgw", "--no-mon-config");
  const endpoint = `http://127.0.0.1:${gatewayPort}`;
  const deadline = Date.now() + 120_000;
  while (
    !(await fetch(endpoint).then(
      (answer) => answer.ok,
      () => false,
    ))
  ) {
    if (Date.now() > deadline) throw new Error("no answer within two minutes");
    await sleep(200);
  }
  const admin = (...args: string[]): Promise<void> => run("radosgw-admin", "-n", "client.rgw", ...args);
  await admin(
    "user",
    "create",
    "--uid=onecopy",
    "--display-name=onecopy",
    `--access-key=${keys.accessKeyId}`,
    `--secret-key=${keys.secretAccessKey}`,
  );
  await admin(
    "role",
    "create",
    "--role-name=lender",
    "--path=/",
    `--assume-role-policy-doc=${JSON.stringify(trust)}`,
  );
  await admin(
    "role-policy",
    "put",
    "--role-name=lender",
    "--policy-name=lake",
    `--policy-doc=${JSON.stringify(rights)}`,
  );
  const client = new AwsClient({ ...keys, service: "s3", region: "us-east-1", retries: 0 });
  const made = await client.fetch(`${endpoint}/${bucket}`, { method: "PUT" });
  if (made.status !== 200) throw new Error(`no bucket: ${made.status} ${await made.text()}`);
  return { endpoint, admin };
}

function configuration(folder: string, cluster: string, monitorPort: number, gatewayPort: number): string {
  return `[global]
fsid = ${cluster}
mon host = [v2:127.0.0.1:${monitorPort}/0]
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind ipv6 = false
run dir = ${folder}
admin socket =
pid file =
log file = ${folder}/$name.log
crash dir = ${folder}
keyring = ${folder}/keyring
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon data = ${folder}/mon
mon data avail warn = 1
mon data avail crit = 1
[osd]
osd objectstore = memstore
osd data = ${folder}/osd
[client]
rgw data = ${folder}/rgw
rgw frontends = beast endpoint=127.0.0.1:${gatewayPort}
rgw enable apis = s3, sts
rgw s3 auth use sts = true
rgw sts key = ${newId().replaceAll("-", "").slice(0, 16).padEnd(16, "0")}
`;
}
