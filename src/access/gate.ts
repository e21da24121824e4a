import { type Clock, sha256 } from "../base/index.ts";
import type { Store } from "../storage/index.ts";
import { addressTest } from "./address.ts";
import type { Principal } from "./principal.ts";
import { RateLimit } from "./rate-limit.ts";
import { type RecipientsConfig, recipientNamed } from "./recipients.ts";
import { principalOf, verifyToken } from "./token.ts";

/** How many wrong tokens an address may try in a minute before it is not listened to. */
const WRONG_PER_MINUTE = 60;

/** How many tokens that were good are remembered, so that they pass where others guess from the same address. */
const REMEMBERED = 1000;

export type Admission =
  | { readonly kind: "admitted"; readonly principal: Principal }
  /** Never issued, revoked or expired. */
  | { readonly kind: "unauthenticated" }
  /** A good token, used from where it may not be. */
  | { readonly kind: "wrong_address"; readonly principal: Principal }
  | { readonly kind: "too_many"; readonly retryAfterSeconds: number; readonly principal?: Principal };

/** Who is let in: by token, from where, and how often. One for all doors of a server, since they share the counts. */
export class Gate {
  private readonly limit = new RateLimit();
  private readonly wrong = new RateLimit();
  private readonly known = new Set<string>();

  constructor(
    private readonly from: {
      /** Where tokens are looked up. */
      readonly state: Store;
      readonly clock: Clock;
      /** The recipients as they are configured at this moment. */
      readonly recipients: () => Promise<RecipientsConfig>;
    },
  ) {}

  /** `undefined`: the request brought no token. An address that guesses is not listened to, except with a token known to be good. */
  async admit(token: string | undefined, address: string): Promise<Admission> {
    if (token === undefined) return { kind: "unauthenticated" };
    const nowMs = this.from.clock.now().getTime();
    const id = sha256(token);
    const waitMs = this.known.has(id) ? 0 : this.wrong.waitMs(address, WRONG_PER_MINUTE, nowMs);
    if (waitMs > 0) return tooMany(waitMs);
    // Taken off before it is looked up, so that tokens tried at the same time count too; given back to a good one.
    if (!this.known.has(id)) this.wrong.take(address, WRONG_PER_MINUTE, nowMs);
    const principal = await verifyToken(this.from.state, token, this.from.clock);
    if (principal === undefined) {
      this.known.delete(id);
      return { kind: "unauthenticated" };
    }
    if (!this.known.has(id)) this.wrong.giveBack(address);
    this.remember(id);
    return await this.allow(principal, address);
  }

  /** What was given out for a token, such as the address of a file, is good for as long as the token itself would be let in. */
  async readmit(tokenId: string, address: string): Promise<Admission> {
    const principal = await this.owner(tokenId);
    return principal === undefined ? { kind: "unauthenticated" } : await this.allow(principal, address);
  }

  /** Whose a token is that is still good; nothing is counted. */
  async owner(tokenId: string): Promise<Principal | undefined> {
    return await principalOf(this.from.state, tokenId, this.from.clock);
  }

  private async allow(principal: Principal, address: string): Promise<Admission> {
    if (principal.kind === "admin") return { kind: "admitted", principal };
    const config = recipientNamed(await this.from.recipients(), principal.name);
    if (config.addresses !== undefined && !addressTest(config.addresses)(address))
      return { kind: "wrong_address", principal };
    const nowMs = this.from.clock.now().getTime();
    const waitMs = this.limit.take(principal.name, config.requests_per_minute, nowMs);
    if (waitMs > 0) return { ...tooMany(waitMs), principal };
    const { addresses, writes } = config;
    return { kind: "admitted", principal: { ...principal, anywhere: addresses === undefined, writes } };
  }

  private remember(id: string): void {
    this.known.delete(id);
    this.known.add(id);
    if (this.known.size > REMEMBERED) this.known.delete(this.known.values().next().value!);
  }
}

function tooMany(waitMs: number): { readonly kind: "too_many"; readonly retryAfterSeconds: number } {
  return { kind: "too_many", retryAfterSeconds: Math.ceil(waitMs / 1000) };
}
