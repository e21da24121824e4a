import { join, resolve } from "node:path";
import { OneCopyError } from "../base/index.ts";
import type { Delivery, DeliveryRequest } from "./delivery.ts";
import { openFolder, writeFile } from "./file.ts";
import { append, entriesOf, openLedger } from "./ledger.ts";
import { planNext } from "./plan.ts";

const ATTEMPTS = 20;

/**
 * Sends what changed in a segment since it was sent last; gives the files that went out, none when nothing changed.
 *
 * No copy of what was sent is kept: it is computed again, by the rule of then on the table's version of then, as the
 * ledger says. When that cannot be computed any more, a file with everyone goes out (`anew`, operation `full`): a
 * destination that takes it as the whole segment is right again, while to refuse would stop the sync for good.
 *
 * The ledger says what a file will hold before the file is written, and then that it was. A run that dies in between is
 * finished by the next one, with the same name and the same bytes, whatever has changed meanwhile; so a
 * destination that takes each file name once gets each change exactly once. Two runs at once do no harm.
 *
 * Fails with `activation.not_defined`, `activation.no_population`, `activation.unknown_column`,
 * `activation.folder_not_writable`, `activation.contended`, and as `compileSegment` does.
 */
export async function deliver(request: DeliveryRequest): Promise<Delivery[]> {
  const { baseFolder, catalog, session, sync } = request;
  const ledger = await openLedger(catalog);
  const sent: Delivery[] = [];
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const plan = await planNext(request, await entriesOf(session, ledger, sync));
    if (plan === undefined) return sent;
    if ("noted" in plan) {
      await append(session, ledger, plan.noted);
      return sent;
    }
    const { definition, entry, resumed, staged, why } = plan;
    try {
      const folder = resolve(baseFolder, entry.folder);
      await openFolder(folder);
      if (!resumed && (await append(session, ledger, entry)) === "already") continue;
      await writeFile(session, staged, definition.destination.format, folder, entry.file);
      await append(session, ledger, { ...entry, phase: "delivered" });
      const { added, changed, delivered_at: deliveredAt, file, mode, number, removed } = entry;
      sent.push({
        number,
        mode,
        file: join(folder, file),
        deliveredAt,
        added,
        changed,
        removed,
        resumed,
        ...(why === undefined ? {} : { why }),
      });
    } finally {
      await staged.drop();
    }
    if (!resumed) return sent;
  }
  throw new OneCopyError(
    "activation.contended",
    `Other processes delivered ${sync} ${ATTEMPTS} times meanwhile.`,
    {
      remedy: "Let one process at a time run this project.",
    },
  );
}
