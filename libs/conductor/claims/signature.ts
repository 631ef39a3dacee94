import { createHash } from 'node:crypto';

/** What failures that look alike share: the code, and the message without names, numbers and paths of one host. */
export function signatureOf(code: string, message: string, host: string): string {
  const common = message
    .replaceAll(host, '<host>')
    .replaceAll(/\b[0-9a-f]{12,}\b/gi, '<hash>')
    .replaceAll(/\d+(\.\d+)*/g, '<n>')
    .trim();
  const hash = createHash('sha256').update(`${code}\n${common}`).digest('hex');
  return `${code}-${hash.slice(0, 8)}`;
}
