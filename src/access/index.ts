export { AccessLog, type AccessRecord } from "./access-log.ts";
export { ACCESS_LOG_DONE_AFTER_MS, ACCESS_LOG_FOLDER } from "./access-log-writer.ts";
export { type ActivationLink, makeActivationLink, openLinks } from "./activation-link.ts";
export { AddressBlock, addressTest, plainAddress } from "./address.ts";
export { Gate, ownerOf } from "./gate.ts";
export { type GrantedShare, grantedShare, grantedShares, mayReadFolder, mayReadFromStore } from "./grant.ts";
export { LENT_LIFE_MS, mightBeLentTo } from "./lent.ts";
export type { Principal, PrincipalKind } from "./principal.ts";
export { RecipientsConfig, recipientNamed } from "./recipients.ts";
export { revoke } from "./revoke.ts";
export { SigningKey } from "./signing-key.ts";
export { type Shares, SharesConfig, sharesAt } from "./shares.ts";
export {
  type TokenRequest,
  issueToken,
  listTokens,
  principalOf,
  revokeToken,
  revokeTokens,
  shortenTokens,
  verifyToken,
} from "./token.ts";
