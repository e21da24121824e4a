import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { JsonNumber, parseLossless } from "../../../src/base/index.ts";
import { type Rows, sorted } from "../table/readers.ts";

/** Made by scripts/trino-env.sh, which nothing calls by itself. */
const home = fileURLToPath(new URL("../../../.cache/trino", import.meta.url));

export const hasTrino = existsSync(join(home, "version"));

export interface Found {
  readonly columns: string[];
  /** Canonical texts (canonical.py), sorted. */
  readonly rows: Rows;
}

interface Page {
  readonly nextUri?: string;
  readonly columns?: readonly { readonly name: string; readonly typeSignature: Signature }[];
  readonly data?: readonly (readonly unknown[])[];
  readonly error?: { readonly message: string };
}

interface Signature {
  readonly rawType: string;
  readonly arguments: readonly {
    /** A type's signature; of a field of a row, its name and signature. */
    readonly value:
      | Signature
      | { readonly fieldName: { readonly name: string }; readonly typeSignature: Signature };
  }[];
}

/** A Trino server with the catalogs `iceberg` (a REST catalog) and `delta` (tables registered by their folders). */
export class Trino {
  private constructor(
    private readonly url: string,
    private readonly process: ChildProcess,
    private readonly folder: string,
  ) {}

  /** Starts it, which takes most of a minute. `catalog`: a REST catalog's address, and a token for it. */
  static async open(
    catalog: { readonly url: string; readonly token: string },
    /** Lines of other files, and variables. */
    more: {
      readonly files?: Readonly<Record<string, readonly string[]>>;
      readonly environment?: Readonly<Record<string, string>>;
    } = {},
  ): Promise<Trino> {
    const folder = await mkdtemp(join(tmpdir(), "onecopy-trino-"));
    const port = await freePort();
    const files: Readonly<Record<string, readonly string[]>> = {
      "config.properties": [
        "coordinator=true",
        "node-scheduler.include-coordinator=true",
        `http-server.http.port=${port}`,
        `discovery.uri=http://127.0.0.1:${port}`,
        "catalog.management=static",
        "query.max-memory=1GB",
        "query.max-memory-per-node=1GB",
      ],
      "catalog/iceberg.properties": [
        "connector.name=iceberg",
        "iceberg.catalog.type=rest",
        `iceberg.rest-catalog.uri=${catalog.url}`,
        "iceberg.rest-catalog.security=OAUTH2",
        `iceberg.rest-catalog.oauth2.token=${catalog.token}`,
        "fs.hadoop.enabled=true",
      ],
      "catalog/delta.properties": [
        "connector.name=delta_lake",
        "hive.metastore=file",
        `hive.metastore.catalog.dir=file://${folder}/metastore`,
        "delta.register-table-procedure.enabled=true",
        "fs.hadoop.enabled=true",
      ],
      ...more.files,
    };
    await mkdir(join(folder, "catalog"));
    for (const [name, lines] of Object.entries(files))
      await writeFile(join(folder, name), `${lines.join("\n")}\n`);
    const child = spawn(
      join(home, "java/bin/java"),
      [
        ...[
          "-cp",
          `${home}/server/lib/*`,
          "-Xmx2G",
          // Quick code at once: better code does not pay within two minutes.
          "-XX:TieredStopAtLevel=1",
          "-XX:+ExitOnOutOfMemoryError",
        ],
        ...[
          "-Djdk.attach.allowAttachSelf=true",
          "-Dfile.encoding=UTF-8",
          "--enable-native-access=ALL-UNNAMED",
        ],
        ...["--add-modules=jdk.incubator.vector", "--sun-misc-unsafe-memory-access=allow"],
        ...["-Dnode.environment=test", "-Dnode.id=test", `-Dnode.data-dir=${folder}/data`],
        ...[`-Dconfig=${folder}/config.properties`, `-Dplugin.dir=${home}/server/plugin`],
        ...[`-Dcatalog.config-dir=${folder}/catalog`, "io.trino.server.TrinoServer"],
      ],
      { cwd: folder, stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...more.environment } },
    );
    const trino = new Trino(`http://127.0.0.1:${port}`, child, folder);
    let said = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (text: Buffer) => (said = (said + text.toString()).slice(-5000)));
    while (!(await trino.isUp())) {
      if (child.exitCode !== null || child.signalCode !== null) {
        await trino.close();
        throw new Error(`Trino did not start: ${said}`);
      }
      await sleep(250);
    }
    await trino.sql("CREATE SCHEMA delta.t");
    return trino;
  }

  /** Makes a folder known as `delta.t.<name>`. */
  async register(name: string, folder: string): Promise<void> {
    await this.sql(
      `CALL delta.system.register_table('t', '${name}', 'file://${folder.replaceAll("'", "''")}')`,
    );
  }

  /** What a statement answers. Throws what Trino says. `session`: properties, such as `delta.vacuum_min_retention`. */
  async sql(statement: string, session: Readonly<Record<string, string>> = {}): Promise<Found> {
    const properties = Object.entries(session).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
    const headers = {
      "X-Trino-User": "test",
      // Without it, timestamps come in milliseconds.
      "X-Trino-Client-Capabilities": "PARAMETRIC_DATETIME",
      "X-Trino-Time-Zone": "UTC",
      ...(properties.length === 0 ? {} : { "X-Trino-Session": properties.join(",") }),
    };
    let page = await this.page(`${this.url}/v1/statement`, { method: "POST", body: statement, headers });
    let columns: Page["columns"];
    const rows: Rows = [];
    for (;;) {
      if (page.error !== undefined) throw new Error(`${page.error.message} in ${statement.slice(0, 500)}`);
      columns ??= page.columns;
      for (const row of page.data ?? [])
        rows.push(row.map((value, i) => cell(canonical(value, columns![i]!.typeSignature))));
      if (page.nextUri === undefined) break;
      page = await this.page(page.nextUri, {});
    }
    return { columns: (columns ?? []).map(({ name }) => name), rows: sorted(rows) };
  }

  async close(): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      const ended = new Promise((resolve) => this.process.once("exit", resolve));
      this.process.kill("SIGKILL");
      await ended;
    }
    await rm(this.folder, { recursive: true, force: true });
  }

  private async isUp(): Promise<boolean> {
    try {
      const answer = await fetch(`${this.url}/v1/info`);
      return answer.ok && ((await answer.json()) as { starting: boolean }).starting === false;
    } catch {
      return false;
    }
  }

  private async page(url: string, init: RequestInit): Promise<Page> {
    const answer = await fetch(url, init);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`Trino: ${answer.status} ${text.slice(0, 500)}`);
    return parseLossless(text) as Page;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

type Canonical = string | null | readonly Canonical[] | { readonly [name: string]: Canonical };

/** A value of the client protocol, nested ones as lists and objects of texts. */
function canonical(value: unknown, type: Signature): Canonical {
  if (value === null) return null;
  const types = type.arguments.map((argument) => argument.value);
  switch (type.rawType) {
    case "array":
      return (value as unknown[]).map((one) => canonical(one, types[0] as Signature));
    case "map":
      return Object.entries(value as object)
        .map(([key, one]) => [key, canonical(one, types[1] as Signature)])
        .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
    case "row": {
      const fields = types as { fieldName: { name: string }; typeSignature: Signature }[];
      return Object.fromEntries(
        fields.map(({ fieldName, typeSignature }, i) => [
          fieldName.name,
          canonical((value as unknown[])[i], typeSignature),
        ]),
      );
    }
    case "varbinary":
      return Buffer.from(value as string, "base64").toString("hex");
    case "timestamp":
    case "timestamp with time zone":
      return timestamp(value as string);
    case "double":
      return float(value);
    case "real":
      return float(typeof value === "number" ? Math.fround(value) : value);
    default:
      return value instanceof JsonNumber ? value.toString() : String(value);
  }
}

/** `2020-01-01 00:00:00.123 UTC` */
function timestamp(text: string): string {
  const [, day, time, fraction = "", zone] = /^(\S+) (\d\d:\d\d:\d\d)(?:\.(\d+))?( UTC)?$/.exec(text)!;
  return `${day}T${time}.${fraction.padEnd(6, "0")}${zone === undefined ? " (no zone)" : ""}`;
}

/** As Python writes it. */
function float(stated: unknown): string {
  const special: Readonly<Record<string, string>> = { NaN: "nan", Infinity: "inf", "-Infinity": "-inf" };
  if (typeof stated === "string") return special[stated] ?? stated;
  const value = Number(stated);
  if (Object.is(value, -0)) return "-0.0";
  return Number.isInteger(value) && Math.abs(value) < 1e16 ? value.toFixed(1) : String(value);
}

function cell(value: Canonical): string | null {
  return value === null || typeof value === "string" ? value : JSON.stringify(value);
}
