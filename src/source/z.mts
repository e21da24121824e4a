import { generateDemo } from "../demo/index.ts";
import { openEngine } from "../engine/index.ts";
import { Catalog } from "../catalog/index.ts";
import { openStore } from "../storage/index.ts";
import { parse } from "yaml";
import { readFileSync, rmSync, existsSync } from "node:fs";
import { loadDrop, sourceRelations, SourcesConfig } from "./index.ts";
const folder = "/tmp/src-demo"; const people = Number(process.argv[2] ?? 2000);
rmSync(folder, { recursive: true, force: true });
const e = await openEngine({ spillFolder: "/tmp/spill-src" }); const session = await e.session();
await generateDemo({ folder, people, seed: 1 } as never);
const sources = SourcesConfig.parse(parse(readFileSync(`${folder}/onecopy.yaml`, "utf8")).sources);
console.log(sources);
const catalog = await Catalog.open(openStore(`${folder}/lake`));
for (let i = 0; i < 2; i++) for (const [name, config] of Object.entries(sources)) if ("files" in config) {
  console.time(name); const o = await loadDrop({ session, catalog, name, config, baseFolder: folder }); console.timeEnd(name);
  console.log(name, o.version, o.rows, o.rejected, o.files.map((f) => `${f.path} ${f.outcome} ${f.rows} ${f.rejected}`), o.gone);
  const t = await catalog.find(`raw.${name}_rejects`);
  const raw = await (await catalog.find(`raw.${name}`))!.snapshot();
  if (i === 0) console.log(raw.schema.fields.map((f) => `${f.name}:${String(f.type)}`).join(" "), raw.properties);
}
console.time("relations"); const r = await sourceRelations({ session, catalog, sources, baseFolder: folder }); console.timeEnd("relations");
for (const s of r.ready) console.log(s.name, s.relationName, s.version, s.idColumn, s.tags);
for (const s of r.ready) for (const x of s.suggestions) if (/key/.test(x.tag)) console.log(s.name, x.column, x.tag, x.confidence, x.reason);
console.log(r.failed, r.empty, existsSync("/tmp/spill-src"));
session.close(); await e.close();
