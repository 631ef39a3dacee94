import type { Manifest, Pack } from '#bundle';
import { GofleetError } from '#errors';

/** The pack of this name, or the only one. Throws `not_found`, and `usage` where there are several to choose from. */
export function choosePack({ packs }: Manifest, name: string | undefined): Pack {
  const [first, ...others] =
    name === undefined ? packs : packs.filter((pack) => pack.name === name);
  const all = packs.map((pack) => pack.name).join(', ') || 'none';
  if (!first)
    throw new GofleetError(
      'not_found',
      name === undefined ? 'the bundle has no pack' : `the bundle has no pack ${name}`,
      { remedy: `Its packs are: ${all}.` },
    );
  if (others.length > 0)
    throw new GofleetError('usage', 'the bundle has several packs', {
      remedy: `Name one with --pack: ${all}.`,
    });
  return first;
}
