import { issueToken } from "../../src/access/index.ts";
import { openProject } from "../../src/project/index.ts";
import { type AdminData, serve } from "../../src/server/index.ts";

/* The catalog that load-table.ts asks, in a process of its own: `load-table-server.ts PROJECT`. Prints where, and a token. */
const project = await openProject(process.argv[2]!);
const expiresAt = new Date(Date.now() + 3_600_000);
const token = await issueToken(project.state, { principal: "owner", kind: "admin", expiresAt });
const nobody = (): Promise<never> => Promise.reject(new Error("not asked for here"));
const data: AdminData = { overview: nobody, peopleReport: nobody, searchProfiles: nobody, profile: nobody };
const { url } = await serve({ project, data, port: 0 });
console.log(JSON.stringify({ url: `${url}/iceberg`, token }));
