import { type Clock, sha256 } from "../base/index.ts";
import type { Store } from "../storage/index.ts";
import { type AccessToken, isAccessToken, issueAccessToken } from "./access-token.ts";
import { type ActivationLink, type Opening, activationLink, openActivationLink } from "./activation-link.ts";
import { addressTest } from "./address.ts";
import type { Principal } from "./principal.ts";
import { RateLimit } from "./rate-limit.ts";
import { type RecipientsConfig, recipientNamed } from "./recipients.ts";
import { principalOf, verifyToken } from "./token.ts";

/** How many wrong tokens an address may try in a minute before it is not listened to. */
const WRONG_PER_MINUTE = 60;

/** How many tokens that were good are remembered, so that they pass where others guess from the same address. */
const REMEMBERED = 1000;

interface Admitted {
  readonly kind: "admitted";
  readonly principal: Principal;
}

export type Admission =
  | Admitted
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
    const found = await this.guarded(token, address, (hash) =>
      verifyToken(this.from.state, token, this.from.clock, hash),
    );
    if (found.kind !== "found") return found;
    return await this.allow(found.value, address);
  }

  /** As {@link admit}, for a client's secret: an access token is none, since it would never end then. */
  async admitSecret(secret: string, address: string): Promise<Admission> {
    return isAccessToken(secret) ? { kind: "unauthenticated" } : await this.admit(secret, address);
  }

  /** A short-lived token for the secret of a client that was admitted. */
  async accessToken(secret: string, client: Principal): Promise<AccessToken> {
    const { state, clock, recipients } = this.from;
    const { oauth_minutes: minutes } = recipientNamed(await recipients(), client.name);
    return await issueAccessToken(state, secret, { client, minutes, clock });
  }

  /** The link that a secret opens, for a recipient that may be let in from there. Guesses count as those of tokens do. */
  async link(
    secret: string | undefined,
    address: string,
  ): Promise<{ readonly kind: "link"; readonly link: ActivationLink } | Exclude<Admission, Admitted>> {
    if (secret === undefined) return { kind: "unauthenticated" };
    const found = await this.guarded(secret, address, () => activationLink(this.from.state, secret));
    if (found.kind !== "found") return found;
    const link = found.value;
    const admission = await this.allow(ownerOf(link), address);
    return admission.kind === "admitted" ? { kind: "link", link } : admission;
  }

  /** Opens a link, once: see {@link openActivationLink}. */
  async open({ id, recipient }: ActivationLink): Promise<Opening> {
    const { state, clock, recipients } = this.from;
    const { token_days: tokenDays } = recipientNamed(await recipients(), recipient);
    return await openActivationLink(state, id, { tokenDays, clock });
  }

  /** Looks something up by a secret. Whoever guesses from an address is not listened to for a while. */
  private async guarded<T>(
    secret: string,
    address: string,
    lookUp: (hash: string) => Promise<T | undefined>,
  ): Promise<{ readonly kind: "found"; readonly value: T } | Exclude<Admission, Admitted>> {
    const nowMs = this.from.clock.now().getTime();
    const id = sha256(secret);
    const waitMs = this.known.has(id) ? 0 : this.wrong.waitMs(address, WRONG_PER_MINUTE, nowMs);
    if (waitMs > 0) return tooMany(waitMs);
    // Taken off before it is looked up, so that tokens tried at the same time count too; given back to a good one.
    if (!this.known.has(id)) this.wrong.take(address, WRONG_PER_MINUTE, nowMs);
    const value = await lookUp(id);
    if (value === undefined) {
      this.known.delete(id);
      return { kind: "unauthenticated" };
    }
    if (!this.known.has(id)) this.wrong.giveBack(address);
    this.remember(id);
    return { kind: "found", value };
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

/** Whom a link is for, as far as the recipient's own rules go; it proves nobody's token. */
export function ownerOf({ recipient, expiresAt, id }: ActivationLink): Principal {
  return {
    name: recipient,
    kind: "recipient",
    expiresAt: new Date(expiresAt),
    tokenId: id,
    anywhere: false,
    writes: [],
  };
}

function tooMany(waitMs: number): { readonly kind: "too_many"; readonly retryAfterSeconds: number } {
  return { kind: "too_many", retryAfterSeconds: Math.ceil(waitMs / 1000) };
}
