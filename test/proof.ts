import { writeFile } from "node:fs/promises";
import { cpus, release, totalmem } from "node:os";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Whether the large size runs, whose report is kept in docs/proof/: `npm run test:<name> -- --large`. */
export const large = process.env["ONECOPY_PROOF"] === "large";

/** Writes docs/proof/<name>.md in the large size; prints it in the small one. */
export async function report(name: string, title: string, body: string): Promise<void> {
  const page = `# ${title}

\`npm run test:${name} -- --large\`, ${new Date().toISOString().slice(0, 10)}, ${machine()}

${body.trim()}
`;
  if (large) await writeFile(`${root}docs/proof/${name}.md`, page);
  else process.stdout.write(`\n${body.trim()}\n`);
}

function machine(): string {
  const processors = cpus();
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  return `${processors.length} × ${processors[0]?.model.trim() ?? "unknown processor"}, ${memory}, Linux ${release()}, Node ${process.versions.node}`;
}
