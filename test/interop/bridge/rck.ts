import { execFile } from "node:child_process";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const jars = fileURLToPath(new URL("../../../.cache/rck/jars", import.meta.url));

/** What came of one test of the kit; `aborted`: it does not apply to such a catalog, by the kit's own assumptions. */
export interface KitResult {
  readonly name: string;
  readonly outcome: "passed" | "failed" | "skipped";
  readonly message: string;
}

/**
 * Runs Iceberg's REST compatibility kit against a catalog. `scratch`: a folder for its reports and temporary files.
 * `properties` are those of the kit's client. Fails when the kit itself does not run.
 */
export async function runKit(
  scratch: string,
  properties: Readonly<Record<string, string>>,
): Promise<KitResult[]> {
  const names = (await readdir(jars)).filter((name) => name.endsWith(".jar"));
  const console = names.find((name) => name.startsWith("junit-platform-console-standalone"));
  const all = {
    "java.io.tmpdir": scratch,
    "rck.local": "false",
    "rck.requires-namespace-create": "true",
    ...properties,
  };
  const reports = join(scratch, "reports");
  const { output, code } = await run("java", [
    ...Object.entries(all).map(([key, value]) => `-D${key}=${value}`),
    "-jar",
    join(jars, console ?? "missing: run scripts/rck-env.sh"),
    "execute",
    ...["--class-path", names.map((name) => join(jars, name)).join(":")],
    ...["--select-class", "org.apache.iceberg.rest.RESTCompatibilityKitSuite"],
    ...["--config", "rck.local=false", "--details=none", "--disable-banner", "--reports-dir", reports],
  ]);
  const files = (await readdir(reports).catch(() => [])).filter((name) => name.endsWith(".xml"));
  const texts = await Promise.all(files.map((name) => readFile(join(reports, name), "utf8")));
  const results = texts.flatMap(resultsIn);
  if (results.length === 0) throw new Error(`The kit did not run (${code}):\n${output.slice(-4000)}`);
  return results.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The exit code says whether tests failed, which the reports say better. */
async function run(command: string, args: readonly string[]): Promise<{ output: string; code: number }> {
  return await new Promise((resolve) => {
    execFile(command, [...args], { maxBuffer: 2 ** 28 }, (error, stdout, stderr) =>
      resolve({ output: `${stdout}${stderr}`, code: error === null ? 0 : Number(error.code ?? -1) }),
    );
  });
}

/** JUnit's report: one `testcase` element a test, with what went wrong inside. */
function resultsIn(xml: string): KitResult[] {
  return [...xml.matchAll(/<testcase ([^>]*?)(\/>|>([^]*?)<\/testcase>)/g)].map(([, attributes, , body]) => {
    const suite = /classname="[^"]*\.RESTCompatibilityKit(\w+?)Tests"/.exec(attributes ?? "")?.[1] ?? "?";
    const name = /\bname="([^"]*)"/.exec(attributes ?? "")?.[1] ?? "?";
    const failure = /<(?:failure|error)\b([^>]*)/.exec(body ?? "");
    const outcome = failure !== null ? "failed" : /<skipped\b/.test(body ?? "") ? "skipped" : "passed";
    const message = /message="([^"]*)"/.exec(failure?.[1] ?? "")?.[1] ?? "";
    return { name: `${suite}.${name}`, outcome, message: message.slice(0, 500) };
  });
}
