export { type GrantedShare, grantedShare, grantedShares } from "./grant.ts";
export { PRINCIPAL_NAME, type Principal, type PrincipalKind } from "./principal.ts";
export { SharesConfig } from "./shares.ts";
export {
  type TokenInfo,
  type TokenRequest,
  issueToken,
  listTokens,
  revokeTokens,
  verifyToken,
} from "./token.ts";
