import { issueToken } from "../../src/access/index.ts";
import { systemClock } from "../../src/base/index.ts";
import { Catalog } from "../../src/catalog/index.ts";
import { applyRevision, openProject } from "../../src/project/index.ts";
import { type AdminData, serve } from "../../src/server/index.ts";

/* The server that sharing.ts asks, in a process of its own: `sharing-server.ts PROJECT FOLDER`. Prints where, and a token. */
const [folder, tableFolder] = process.argv.slice(2);
const project = await openProject(folder!);
const shares = { bench: { tables: ["bench.t"], recipients: ["reader"] } };
await applyRevision(
  project.state,
  { ...project.config, shares },
  { author: "bench", message: "", clock: systemClock },
);
await (await Catalog.open(project.lake)).register("bench.t", tableFolder!);
const expiresAt = new Date(Date.now() + 3_600_000);
const token = await issueToken(project.state, { principal: "reader", kind: "recipient", expiresAt });
const nobody = (): Promise<never> => Promise.reject(new Error("not asked for here"));
const data: AdminData = { overview: nobody, peopleReport: nobody, searchProfiles: nobody, profile: nobody };
const { url } = await serve({ project, data, port: 0 });
console.log(JSON.stringify({ url, token }));
process.on("message", () => process.send!({ peakMb: process.resourceUsage().maxRSS / 1024 }));
