import { keepBytes, type Contents } from './contents.ts';

const VERSION = 'go/VERSION';
const MOST_BYTES = 10_000;

/** A toolchain says its version in go/VERSION; the manifest tells hosts what to look for there. */
export function checkVersion(wanted: string, fault: (message: string) => void): Contents {
  let found: string | undefined;
  return {
    open: (path, size) =>
      path === VERSION && size <= MOST_BYTES
        ? keepBytes((bytes) => void (found = bytes.toString('utf8')))
        : undefined,
    end: () => {
      if (found === wanted) return;
      const says = found === undefined ? 'is not there' : `says ${JSON.stringify(found)}`;
      fault(`${VERSION} ${says}, and the manifest ${JSON.stringify(wanted)}`);
    },
    [Symbol.asyncDispose]: async () => {},
  };
}
