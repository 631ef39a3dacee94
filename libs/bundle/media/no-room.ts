import { GofleetError } from '#errors';

/** What writing to `place` failed with: `disk_full` where there is no room, everything else as it is. */
export function noRoom(error: unknown, place: string): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error;
  if (error.code !== 'ENOSPC' && error.code !== 'EDQUOT') return error;
  return new GofleetError('disk_full', `the disk of ${place} is full`, {
    remedy: 'Free space there, or name another place with -o. Nothing half written was left.',
    cause: error,
  });
}
