export { parseAllowedSigners, type AllowedSigner } from './allowed-signers.ts';
export { parseRevokedKeys, type IsRevoked } from './revoked-keys.ts';
export { checkSignature, NAMESPACE, readSignature, type SshSignature } from './sshsig.ts';
export {
  faultOf,
  judgeKey,
  judgeSignature,
  signedBy,
  type SigningPolicy,
  type Trust,
} from './trust.ts';
