import { randomBytes } from "node:crypto";
import { z } from "zod";
import { OneCopyError } from "../base/index.ts";
import type { Store } from "../storage/index.ts";
import { jsonIn } from "./stored.ts";

const KEY = "signing-key.json";

/** How long a key that was taken away may still be honoured. */
const FRESH_MS = 1000;

const StoredKey = z.strictObject({
  /** 256 random bits. */
  secret: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  createdAt: z.iso.datetime(),
});

/**
 * What the servers of one state sign with, so that each takes what another has signed, also after a restart. The first to need it
 * makes it. Whoever deletes it ends all that was signed with it: the next one is made a second later.
 */
export class SigningKey {
  private readAtMs = Number.NEGATIVE_INFINITY;
  private reading: Promise<Uint8Array> | undefined;

  constructor(private readonly state: Store) {}

  /** Fails with `access.signing_key_unreadable`, and as the state does. A failure is never remembered. */
  async current(): Promise<Uint8Array> {
    const nowMs = performance.now();
    if (this.reading === undefined || nowMs - this.readAtMs >= FRESH_MS) {
      this.readAtMs = nowMs;
      const current = this.readOrMade();
      this.reading = current;
      current.catch(() => {
        if (this.reading === current) this.reading = undefined;
      });
    }
    return await this.reading;
  }

  private async readOrMade(): Promise<Uint8Array> {
    const known = await this.read();
    if (known !== undefined) return known;
    const made: z.infer<typeof StoredKey> = {
      secret: randomBytes(32).toString("base64url"),
      createdAt: new Date().toISOString(),
    };
    const outcome = await this.state.put(KEY, JSON.stringify(made), { ifAbsent: true });
    // Whosever it is: what is there now is everybody's.
    const found = await this.read();
    if (found !== undefined) return found;
    if (outcome.kind === "unknown") throw outcome.cause;
    throw new OneCopyError("access.signing_key_unreadable", `${KEY} vanished from ${this.state.url}.`, {
      remedy: "Try again; see whether something deletes it again and again.",
    });
  }

  private async read(): Promise<Uint8Array | undefined> {
    const found = await this.state.get(KEY);
    if (found.kind === "absent") return undefined;
    const parsed = StoredKey.safeParse(jsonIn(found.body));
    if (parsed.success) return Buffer.from(parsed.data.secret, "base64url");
    throw new OneCopyError(
      "access.signing_key_unreadable",
      `${KEY} in the state ${this.state.url} is not a key.`,
      { remedy: "Delete that object: another one is made, and clients that are reading query again." },
    );
  }
}
