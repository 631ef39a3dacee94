import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

/**
 * Encrypts what an idempotency key keeps of an answer with a secret in it. The key comes from the secret of the
 * token that asked, which the ledger does not have: nobody else can read the answer again.
 */
export function seal(text: string, secret: string): string {
  const salt = randomBytes(16);
  const cipher = createCipheriv('aes-256-gcm', keyOf(secret, salt), salt.subarray(0, 12));
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([salt, cipher.getAuthTag(), sealed]).toString('base64');
}

/** Throws where it was sealed with another secret. */
export function unseal(text: string, secret: string): string {
  const bytes = Buffer.from(text, 'base64');
  const salt = bytes.subarray(0, 16);
  const cipher = createDecipheriv('aes-256-gcm', keyOf(secret, salt), salt.subarray(0, 12));
  cipher.setAuthTag(bytes.subarray(16, 32));
  return Buffer.concat([cipher.update(bytes.subarray(32)), cipher.final()]).toString('utf8');
}

function keyOf(secret: string, salt: Uint8Array): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, salt, 'gofleet idempotency', 32));
}
