import { type RecipientsConfig, recipientNamed } from "./recipients.ts";
import { type SharesConfig, sharesAt } from "./shares.ts";

/** How long what opens files in the store itself lives at most: addresses, and keys. */
export const LENT_LIFE_MS = 15 * 60 * 1000;

/** Whether a configuration let a recipient have what opens files in the store itself, at a moment or since. */
export function mightBeLentTo(
  config: { readonly shares: SharesConfig; readonly recipients: RecipientsConfig },
  recipient: string,
  since: Date,
): boolean {
  const { addresses, writes } = recipientNamed(config.recipients, recipient);
  if (addresses !== undefined) return false;
  const shares = Object.values(sharesAt(config, since));
  return (
    writes.length > 0 || shares.some(({ recipients, strict }) => !strict && recipients.includes(recipient))
  );
}
