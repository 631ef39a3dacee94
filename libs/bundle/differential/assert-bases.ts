import { GofleetError } from '#errors';
import type { OpenBundle } from '../open-bundle.ts';
import type { Differential } from './schema.ts';

type Base = Differential['needs'][number];

/**
 * Before anything is sent: whether the other side has what a differential bundle builds on, as far as the blobs are
 * concerned that are missing there. Throws `base_missing` and names each.
 */
export async function assertBases(
  { differential, path }: Pick<OpenBundle, 'differential' | 'path'>,
  missing: ReadonlySet<string>,
  receiver: { offset(sha256: string): Promise<number> },
): Promise<void> {
  if (!differential) return;
  const bases = basesOf(differential, missing);
  const absent: Base[] = [];
  for (const base of bases)
    if (missing.has(base.sha256) || (await receiver.offset(base.sha256)) !== base.size)
      absent.push(base);
  if (absent.length > 0) throw baseMissing(path, absent);
}

/** What should be there whole and is missing, and what the missing ones are put together from. */
function basesOf({ needs, composed }: Differential, missing: ReadonlySet<string>): Base[] {
  const used = composed
    .filter(({ sha256 }) => missing.has(sha256))
    .flatMap(({ runs }) => runs.flatMap((run) => ('of' in run ? [run.of] : [])));
  const numbers = new Set(used);
  return needs.filter(({ sha256 }, index) => numbers.has(index) || missing.has(sha256));
}

function baseMissing(path: string, absent: readonly Base[]): GofleetError {
  const bundles = [...new Set(absent.map(({ bundle }) => bundle))].join(', ');
  const message = `${path} builds on ${absent.length} blobs of ${bundles} that are not there`;
  return new GofleetError('base_missing', message, {
    remedy: `Import ${bundles} first, or bring the full bundle, or one that is built against what is there now (\`gofleet bundle have\`).`,
    errors: absent.map(({ sha256, bundle }) => ({
      path: sha256,
      message: `a blob of ${bundle}, is missing`,
    })),
    details: { missing: absent },
  });
}
