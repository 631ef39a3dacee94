import { GofleetError } from '#errors';
import { hashFile } from './blob.ts';
import { statOf } from './disk.ts';

/** Which files were hashed in this process and have not changed since, by size, time and inode. */
export interface Trust {
  /** The size of a good blob. Throws `blobs_missing` or `blob_corrupt`. */
  check(path: string, sha256: string): Promise<number>;
  verify(path: string, sha256: string): Promise<'good' | 'missing' | 'corrupt'>;
  /** Notes a file that was hashed a moment ago. */
  note(path: string): Promise<void>;
}

export function createTrust(quarantine: (sha256: string) => Promise<void>): Trust {
  const stamps = new Map<string, string>();
  const flights = new Map<string, Promise<'good' | 'missing' | 'corrupt'>>();

  async function verify(path: string, sha256: string): Promise<'good' | 'missing' | 'corrupt'> {
    const before = await stampOf(path);
    if (before === undefined) return 'missing';
    if ((await hashFile(path)) === sha256) {
      stamps.set(path, before);
      return 'good';
    }
    stamps.delete(path);
    await quarantine(sha256);
    return 'corrupt';
  }

  async function once(path: string, sha256: string): Promise<'good' | 'missing' | 'corrupt'> {
    const flight = flights.get(path) ?? verify(path, sha256).finally(() => flights.delete(path));
    flights.set(path, flight);
    return flight;
  }

  return {
    verify: once,
    check: async (path, sha256) => {
      const found = await statOf(path);
      const known = found && stamps.get(path) === stamp(found);
      const result = known ? 'good' : await once(path, sha256);
      if (result === 'good') return Number((found ?? (await statOf(path)))?.size ?? 0);
      throw result === 'missing' ? missing(sha256) : corrupt(sha256);
    },
    note: async (path) => {
      const now = await stampOf(path);
      if (now !== undefined) stamps.set(path, now);
    },
  };
}

async function stampOf(path: string): Promise<string | undefined> {
  const found = await statOf(path);
  return found && stamp(found);
}

function stamp({ size, mtimeNs, ino }: { size: bigint; mtimeNs: bigint; ino: bigint }): string {
  return `${size} ${mtimeNs} ${ino}`;
}

function missing(sha256: string): GofleetError {
  return new GofleetError('blobs_missing', `blob ${sha256} is not in the store`, {
    remedy: 'Import the bundle again.',
    details: { missing: [sha256] },
  });
}

function corrupt(sha256: string): GofleetError {
  return new GofleetError('blob_corrupt', `blob ${sha256} does not have the hash of its name`, {
    remedy: 'Import the bundle again and look at the disk of the store.',
    details: { sha256 },
  });
}
