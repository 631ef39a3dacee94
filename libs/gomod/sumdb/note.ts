import { sign, verify } from 'node:crypto';
import { databaseFault } from './fault.ts';
import type { SignerKey, VerifierKey } from './keys.ts';

/** As many as Go itself looks at. */
const MOST_SIGNATURES = 100;

/**
 * The text of a note that this key has signed (golang.org/x/mod/sumdb/note): text, a blank line, and a line
 * `— NAME BASE64` for each signature. Throws `checksum_database_invalid`.
 */
export function openNote(note: string, key: VerifierKey): string {
  const end = note.lastIndexOf('\n\n');
  if (end < 0 || !note.endsWith('\n') || hasControls(note))
    throw databaseFault(`the checksum database ${key.name} gave no signed note`);
  const text = note.slice(0, end + 1);
  const signatures = signatureLines(note.slice(end + 2, -1)).filter(isOf(key));
  if (signatures.length === 0)
    throw databaseFault(`a note of the checksum database is not signed by ${key.name}+${key.id}`);
  const good = signatures.every(({ bytes }) =>
    verify(null, Buffer.from(text), key.publicKey, bytes.subarray(4)),
  );
  if (!good)
    throw databaseFault(`a note of the checksum database has a wrong signature of ${key.name}`);
  return text;
}

/** Signs a text that ends with a line break. The same text and key give the same note. */
export function signNote(text: string, { verifier, privateKey }: SignerKey): string {
  const signature = sign(null, Buffer.from(text), privateKey);
  const bytes = Buffer.concat([Buffer.from(verifier.id, 'hex'), signature]);
  return `${text}\n— ${verifier.name} ${bytes.toString('base64')}\n`;
}

interface SignatureLine {
  name: string;
  /** Four bytes of the key's hash, then the signature. */
  bytes: Buffer;
}

function signatureLines(block: string): SignatureLine[] {
  return block
    .split('\n')
    .slice(0, MOST_SIGNATURES)
    .flatMap((line) => {
      const [, name = '', base64 = ''] = /^— (\S+) (\S+)$/.exec(line) ?? [];
      return name ? [{ name, bytes: Buffer.from(base64, 'base64') }] : [];
    });
}

function isOf({ name, id }: VerifierKey) {
  return (line: SignatureLine): boolean =>
    line.name === name && line.bytes.toString('hex', 0, 4) === id;
}

function hasControls(text: string): boolean {
  return /[^\P{Cc}\n]/u.test(text);
}
