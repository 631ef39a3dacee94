import { GofleetError } from '#errors';

/** What a checksum database, or who stands between it and us, gave cannot be true. */
export function databaseFault(message: string, cause?: unknown): GofleetError {
  return new GofleetError('checksum_database_invalid', message, {
    remedy:
      'Ask who runs the checksum database, or the proxy that it is read through. Nothing was built: what it says cannot be relied on.',
    cause,
  });
}
