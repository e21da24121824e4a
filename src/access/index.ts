export { type GrantedShare, grantedShare, grantedShares } from "./grant.ts";
export type { Principal, PrincipalKind } from "./principal.ts";
export { SharesConfig } from "./shares.ts";
export {
  type TokenRequest,
  issueToken,
  listTokens,
  principalOf,
  revokeToken,
  revokeTokens,
  verifyToken,
} from "./token.ts";
