import { databaseFault } from './fault.ts';
import type { SignerKey, VerifierKey } from './keys.ts';
import { openNote, signNote } from './note.ts';

/** What a database has signed about its whole log. */
export interface TreeHead {
  /** Records. */
  size: number;
  root: Buffer;
  /** The note as the database gave it. */
  note: string;
}

/** Reads a signed tree head. Throws `checksum_database_invalid`. */
export function openHead(note: string, key: VerifierKey): TreeHead {
  const [title, count = '', base64 = ''] = openNote(note, key).split('\n');
  const size = /^(?:0|[1-9]\d*)$/.test(count) ? Number(count) : Number.NaN;
  const root = Buffer.from(base64, 'base64');
  if (title !== 'go.sum database tree' || !Number.isSafeInteger(size) || root.length !== 32)
    throw databaseFault(`a note of ${key.name} is no tree head`);
  return { size, root, note };
}

export function signHead(size: number, root: Buffer, key: SignerKey): TreeHead {
  const note = signNote(`go.sum database tree\n${size}\n${root.toString('base64')}\n`, key);
  return { size, root, note };
}
