import { open, type FileHandle } from 'node:fs/promises';
import { GofleetError } from '#errors';
import { hashFile } from './blob.ts';
import { diskError, publish, remove, statOf } from './disk.ts';
import type { Trust } from './trust.ts';
import type { Piece, Places, Progress } from './types.ts';

interface Shared {
  /** Blobs that are being written by this process. */
  busy: Set<string>;
  trust: Trust;
}

/** Writes one piece of an upload; what arrived stays when the rest does not. */
export async function appendTo(places: Places, piece: Piece, shared: Shared): Promise<Progress> {
  const complete = await statOf(places.blob(piece.sha256));
  if (complete) return alreadyThere(piece, Number(complete.size));
  if (shared.busy.has(piece.sha256)) throw atWork(piece.sha256);
  shared.busy.add(piece.sha256);
  try {
    const offset = await writePiece(places, piece);
    if (offset < piece.size) return { offset, complete: false };
    await finish(places, piece.sha256, shared.trust);
    return { offset, complete: true };
  } catch (error) {
    throw diskError(error, places.folder);
  } finally {
    shared.busy.delete(piece.sha256);
  }
}

/** A piece that is repeated after its answer was lost. */
function alreadyThere({ sha256, offset }: Piece, size: number): Progress {
  if (offset === size) return { offset, complete: true };
  throw wrongOffset(sha256, size);
}

async function writePiece(places: Places, piece: Piece): Promise<number> {
  const file = await open(places.upload(piece.sha256), 'a');
  try {
    const { size } = await file.stat();
    if (size !== piece.offset) throw wrongOffset(piece.sha256, size);
    const end = await writeAll(file, piece);
    await file.datasync();
    return end;
  } finally {
    await file.close();
  }
}

async function writeAll(file: FileHandle, { body, offset, size, sha256 }: Piece): Promise<number> {
  let end = offset;
  for await (const chunk of body) {
    if (end + chunk.byteLength > size) {
      await file.truncate(offset);
      throw tooLong(sha256, size);
    }
    await file.appendFile(chunk);
    end += chunk.byteLength;
  }
  return end;
}

async function finish(places: Places, sha256: string, trust: Trust): Promise<void> {
  const upload = places.upload(sha256);
  if ((await hashFile(upload)) !== sha256) {
    await remove(upload);
    throw mismatch(sha256);
  }
  await publish(upload, places.blob(sha256));
  await trust.note(places.blob(sha256));
}

function wrongOffset(sha256: string, offset: number): GofleetError {
  return new GofleetError('upload_offset', `blob ${sha256} continues at byte ${offset}`, {
    remedy: `Send the bytes from ${offset} on.`,
    details: { offset },
  });
}

function atWork(sha256: string): GofleetError {
  return new GofleetError('upload_offset', `another upload of blob ${sha256} is at work`, {
    remedy: 'Ask for the offset again in a second.',
  });
}

function tooLong(sha256: string, size: number): GofleetError {
  return new GofleetError('blob_mismatch', `blob ${sha256} has ${size} bytes and more were sent`, {
    remedy: 'Send the blob of the bundle as it is; `gofleet bundle verify` checks it.',
  });
}

function mismatch(sha256: string): GofleetError {
  return new GofleetError('blob_mismatch', `what was sent does not have the hash ${sha256}`, {
    remedy: 'Send it again from byte 0; `gofleet bundle verify` checks the bundle.',
    details: { offset: 0 },
  });
}
