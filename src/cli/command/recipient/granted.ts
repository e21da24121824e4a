import { sharesAt } from "../../../access/index.ts";
import { OneCopyError, systemClock } from "../../../base/index.ts";
import { type Project, currentRevision } from "../../../project/index.ts";

type Config = Awaited<ReturnType<typeof currentRevision>>["config"];

/** The shares that name a recipient now. Fails with `cli.unknown_recipient`. */
export async function granted(
  project: Project,
  name: string,
): Promise<{ readonly config: Config; readonly shares: readonly string[] }> {
  const { config } = await currentRevision(project);
  const shares = Object.entries(sharesAt(config, systemClock.now()));
  const names = shares.filter(([, { recipients }]) => recipients.includes(name)).map(([share]) => share);
  if (names.length > 0) return { config, shares: names };
  throw unknownRecipient(
    name,
    shares.flatMap(([, { recipients }]) => recipients),
  );
}

function unknownRecipient(name: string, known: readonly string[]): OneCopyError {
  const list = [...new Set(known)].sort().join(", ");
  return new OneCopyError(
    "cli.unknown_recipient",
    `No share names ${name} as a recipient; known are: ${list || "none"}.`,
    {
      remedy: "Add the name to `recipients` of a share in onecopy.yaml and run `onecopy apply`.",
    },
  );
}
