import { spawn } from "node:child_process";
import { OneCopyError, sha256 } from "../../base/index.ts";
import type { S3Connection } from "../../storage/index.ts";
import { ident, literal } from "../dialect/quote.ts";
import type { DirectReader } from "../reach/reach.ts";

const installPatienceMs = 30_000;

/** What an engine needs to read S3 and HTTP by itself: DuckDB's httpfs extension, and one secret for each store. */
export class Httpfs implements DirectReader {
  private loaded: Promise<boolean> | undefined;
  private readonly scopes = new Map<string, { readonly keys: string; readonly made: Promise<boolean> }>();
  private confined = false;

  /** `extensionFolder`: the only place extensions come from; else DuckDB's own folder, filled from the internet. */
  constructor(
    private readonly run: (sql: string) => Promise<void>,
    private readonly extensionFolder: string | undefined,
  ) {}

  async connect(connection: S3Connection): Promise<boolean> {
    return await this.open(connection.scope, secretFor(connection));
  }

  async connectHttp(scope: string, bearerToken: string): Promise<boolean> {
    const options = `TYPE http, SCOPE ${literal(scope)}, BEARER_TOKEN ${literal(bearerToken)}`;
    return await this.open(scope, `CREATE OR REPLACE SECRET ${ident(scope)} (${options})`);
  }

  private async open(scope: string, secret: string): Promise<boolean> {
    const known = this.scopes.get(scope);
    const keys = sha256(secret);
    if (known?.keys === keys) return known.made;
    // Keys that end are replaced by new ones; what SQL reaches stays as it was.
    if (this.confined && (known === undefined || !(await known.made))) return false;
    const made = this.make(scope, secret);
    this.scopes.set(scope, { keys, made });
    return made;
  }

  /** From now on no store is added. Gives the scopes that SQL is to reach. */
  async confine(): Promise<string[]> {
    this.confined = true;
    const reached = await Promise.all(
      [...this.scopes].map(async ([scope, { made }]) => ((await made) ? [scope] : [])),
    );
    return reached.flat();
  }

  private async make(scope: string, secret: string): Promise<boolean> {
    this.loaded ??= this.load();
    if (!(await this.loaded)) return false;
    try {
      await this.run(secret);
    } catch {
      // Its message, and its cause, may hold the statement.
      throw new OneCopyError("engine.secret_refused", `DuckDB did not take the keys for ${scope}.`, {
        remedy: "See that AWS_REGION and AWS_ENDPOINT_URL_S3 are well-formed.",
      });
    }
    return true;
  }

  private async load(): Promise<boolean> {
    if (await this.tries("LOAD httpfs")) return this.setUp();
    if (this.extensionFolder !== undefined || !(await install())) return false;
    return (await this.tries("LOAD httpfs")) && this.setUp();
  }

  private async setUp(): Promise<boolean> {
    // Else a `?` in a URL begins options, with which a query could name another endpoint.
    await this.run("SET GLOBAL s3_url_compatibility_mode = true");
    return true;
  }

  private async tries(sql: string): Promise<boolean> {
    return this.run(sql).then(
      () => true,
      () => false,
    );
  }
}

function secretFor({ scope, region, endpoint, useTls, urlStyle, credentials }: S3Connection): string {
  const options = [
    "TYPE s3",
    `SCOPE ${literal(scope)}`,
    `REGION ${literal(region)}`,
    `ENDPOINT ${literal(endpoint)}`,
    `URL_STYLE ${literal(urlStyle)}`,
    `USE_SSL ${useTls}`,
    ...(credentials === undefined
      ? []
      : [`KEY_ID ${literal(credentials.accessKeyId)}`, `SECRET ${literal(credentials.secretAccessKey)}`]),
    ...(credentials?.sessionToken === undefined
      ? []
      : [`SESSION_TOKEN ${literal(credentials.sessionToken)}`]),
  ];
  return `CREATE OR REPLACE SECRET ${ident(scope)} (${options.join(", ")})`;
}

let installing: Promise<boolean> | undefined;

/** Tried once in a process's life, in a child: where packets are dropped DuckDB waits for minutes, and cannot be interrupted. */
function install(): Promise<boolean> {
  installing ??= new Promise((resolve) => {
    const script = `import(${JSON.stringify(import.meta.resolve("@duckdb/node-api"))}).then(async ({ DuckDBInstance }) => {
      const connection = await (await DuckDBInstance.create(":memory:")).connect();
      await connection.run("INSTALL httpfs");
    }).then(() => process.exit(0), () => process.exit(1))`;
    const child = spawn(process.execPath, ["-e", script], { stdio: "ignore", timeout: installPatienceMs });
    child.on("error", () => resolve(false));
    child.on("exit", (code) => resolve(code === 0));
  });
  return installing;
}
