import type { Pack, Toolchain } from '#bundle';
import { GofleetError } from '#errors';
import { named } from '../toolchains/source.ts';

/** What nobody vouches for, by name: `go 1.21.5 linux/amd64`, `path@version`. */
export function unverifiedIn(toolchains: readonly Toolchain[], packs: readonly Pack[]): string[] {
  const modules = packs.flatMap((pack) => pack.modules.filter((each) => each.verified === 'none'));
  return [
    ...toolchains.filter((each) => each.verified === 'none').map((each) => `go ${named(each)}`),
    ...new Set(modules.map(({ path, version }) => `${path}@${version}`)),
  ];
}

/** As many as fit into a message; all are in the details. */
const SHOWN = 10;

export function refuseUnverified(names: readonly string[]): void {
  if (names.length === 0) return;
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : '';
  throw new GofleetError(
    'unverified',
    `nobody vouches for ${names.slice(0, SHOWN).join(', ')}${more}`,
    {
      remedy:
        'Build where the checksum database can be asked (GOSUMDB, GOPROXY), add modules to go.sum with `go mod tidy`, ' +
        'take toolchains from a source with published hashes, or accept them with --allow-unverified: the manifest names them then.',
      details: { unverified: [...names] },
    },
  );
}
