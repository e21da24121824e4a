import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type PrincipalKind, issueToken, type SharesConfig } from "../../src/access/index.ts";
import { systemClock } from "../../src/base/index.ts";
import { Catalog } from "../../src/catalog/index.ts";
import { type Session, openEngine } from "../../src/engine/index.ts";
import { type Project, applyRevision, openProject } from "../../src/project/index.ts";
import { schemaOf } from "../../src/schema/index.ts";
import { type AdminData, type ServeOptions, type Serving, serve } from "../../src/server/index.ts";

/** A project in a temporary folder, with two tables, served over HTTP. */
export interface ServedProject {
  readonly folder: string;
  readonly project: Project;
  readonly catalog: Catalog;
  readonly session: Session;
  readonly server: Serving;
  /** Becomes the newest revision, as `onecopy apply` makes it. */
  share(shares: SharesConfig): Promise<void>;
  token(principal: string, kind?: PrincipalKind, lifeMs?: number): Promise<string>;
  get(path: string, token?: string, init?: RequestInit): Promise<Response>;
  close(): Promise<void>;
}

export const SHARES: SharesConfig = {
  analytics: {
    tables: ["unified.customer_360", "unified.orders", "unified.not_made_yet"],
    recipients: ["alice"],
  },
  finance: { tables: ["unified.orders"], recipients: ["bob", "alice"] },
};

/** Every type that both formats hold, with nulls, limits and letters from everywhere. Three commits; the last adds a column. */
const FIRST = `SELECT * FROM (VALUES
  (1::BIGINT, 'Zoë Łuka'::VARCHAR, 12.50::DECIMAL(18,2), 0.1::DOUBLE, DATE '1970-01-01', TIMESTAMPTZ '2024-02-29 23:59:59.123456+00', true, 7::INTEGER),
  (9007199254740993, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (-5, '', -0.01, -1e300, DATE '1912-06-23', TIMESTAMPTZ '1969-12-31 23:59:59.999999+00', false, -2147483648),
  (4, '🐎 it''s "quoted", a/b%20', 9999999999999999.99, 'inf', DATE '2024-12-31', TIMESTAMPTZ '2200-01-01 00:00:00+00', true, 2147483647),
  (5, 'NaN', 0, 'nan', NULL, NULL, NULL, 0)
) t(id, name, amount, score, born, seen, active, visits)`;

const SECOND = `SELECT 100 + i AS id, 'person ' || i AS name, (i * 1.25)::DECIMAL(18,2) AS amount, i / 7 AS score,
  DATE '2000-01-01' + i::INTEGER AS born, TIMESTAMPTZ '2020-01-01 00:00:00+00' + INTERVAL (i) SECOND AS seen,
  i % 2 = 0 AS active, i::INTEGER AS visits FROM range(500) r(i)`;

/** `configuration`: more lines of onecopy.yaml. */
export async function servedProject({
  configuration = "",
  lake = "./lake of the test",
  ...options
}: Partial<Omit<ServeOptions, "project">> & {
  readonly configuration?: string;
  readonly lake?: string;
} = {}): Promise<ServedProject> {
  const folder = await mkdtemp(join(tmpdir(), "onecopy-bridge-"));
  await writeFile(join(folder, "onecopy.yaml"), `name: bridge-test\nlake: ${lake}\n${configuration}`);
  const project = await openProject(folder);
  const share = async (shares: SharesConfig): Promise<void> => {
    const note = { author: "test", message: "", clock: systemClock };
    await applyRevision(project.state, { ...project.config, shares }, note);
  };
  await share(SHARES);

  const engine = await openEngine({ spillFolder: join(folder, "spill"), threads: 1 });
  const session = await engine.session();
  const catalog = await Catalog.open(project.lake);
  const customers = await catalog.create("unified.customer_360", {
    schema: schemaOf(await session.describe(FIRST)),
  });
  await customers.write(session, { mode: "append", query: FIRST });
  await customers.write(session, { mode: "append", query: SECOND });
  await customers.evolve(session, [{ kind: "add", path: ["city"], type: "string" }]);
  const orders = "SELECT i AS order_id, 'secret order ' || i AS note FROM range(10) r(i)";
  const ordersTable = await catalog.create("unified.orders", {
    schema: schemaOf(await session.describe(orders)),
  });
  await ordersTable.write(session, { mode: "append", query: orders });
  await catalog.create("internal.edges", { schema: schemaOf([{ name: "a", type: "BIGINT" }]) });

  const server = await serve({ project, data: noData, port: 0, ...options }).catch(async (error: unknown) => {
    session.close();
    await engine.close();
    await rm(folder, { recursive: true });
    throw error;
  });
  return {
    folder,
    project,
    catalog,
    session,
    server,
    share,
    token: (principal, kind = "recipient", lifeMs = 3_600_000) =>
      issueToken(project.state, { principal, kind, expiresAt: new Date(Date.now() + lifeMs) }),
    get: (path, token, init = {}) =>
      fetch(`${server.url}${path}`, {
        ...init,
        headers: { ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }), ...init.headers },
      }),
    close: async () => {
      await server.stop();
      session.close();
      await engine.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** A project in which nothing has been resolved yet. */
const noData: AdminData = {
  overview: () => Promise.reject(new Error("not asked for in these tests")),
  peopleReport: () => Promise.resolve({ state: "nothing_yet" }),
  searchProfiles: () => Promise.resolve([]),
  profile: () => Promise.resolve(undefined),
};
