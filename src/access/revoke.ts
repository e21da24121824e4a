import type { Store } from "../storage/index.ts";
import { removeActivationLinks } from "./activation-link.ts";
import type { PrincipalKind } from "./principal.ts";
import { revokeTokens } from "./token.ts";

/**
 * Ends all that lets a principal in: its links that are not opened, then its tokens, so that none comes from a link
 * meanwhile. Returns the tokens' kinds.
 */
export async function revoke(
  state: Store,
  principal: string,
  now: Date,
): Promise<{ readonly links: number; readonly tokens: readonly PrincipalKind[] }> {
  const links = await removeActivationLinks(state, principal, now);
  return { links, tokens: await revokeTokens(state, principal) };
}
