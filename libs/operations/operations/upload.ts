import type { Facts } from '../host/facts.ts';
import type { ArchiveBlob } from '../playbook/resolved.ts';
import type { Upload } from '../steps.ts';

/** What of an archive is still to be sent; a part that is too long begins anew. */
export function uploadOf(archive: ArchiveBlob, found: Pick<Facts, 'parts'>): Upload {
  const { blob, size, unpackedBytes, entries } = archive;
  return { blob, size, offset: found.parts[blob] ?? 0, unpackedBytes, entries };
}
