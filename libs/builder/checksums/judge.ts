import type { PackModule } from '#bundle';
import { GofleetError } from '#errors';
import { checkSum, type GoSum } from '#gomod';
import type { HashedModule } from './types.ts';

/** The hashes that a record of a checksum database has for a module; undefined where it says nothing. */
export interface Recorded {
  database: string;
  h1: string | undefined;
  goModH1: string | undefined;
}

/** What vouches for a module. Everything that knows it is asked, and all have to agree. */
export function judged(
  module: HashedModule,
  sums: readonly GoSum[],
  recorded: readonly Recorded[],
): PackModule['verified'] {
  const bySum = isInGoSum(module, sums);
  const byRecord = recorded.map((each) => isRecorded(module, each)).includes(true);
  if (byRecord) return 'checksum-database';
  return bySum ? 'go.sum' : 'none';
}

/** Holds a module against the go.sum of every project. Throws `bundle_invalid`. */
function isInGoSum(module: HashedModule, sums: readonly GoSum[]): boolean {
  const name = `${module.path}@${module.version}`;
  const goMod = sums.map((sum) => checkSum(`go.mod of ${name}`, module.goModH1, sum.goMod(module)));
  const { h1 } = module;
  if (h1 === null) return goMod.includes('good');
  const zip = sums.map((sum) => checkSum(name, h1, sum.zip(module)));
  return goMod.includes('good') && zip.includes('good');
}

function isRecorded(module: HashedModule, { database, h1, goModH1 }: Recorded): boolean {
  const name = `${module.path}@${module.version}`;
  if (goModH1 !== undefined && goModH1 !== module.goModH1)
    throw contradicted(`go.mod of ${name}`, module.goModH1, { database, h1: goModH1 });
  if (h1 !== undefined && module.h1 !== null && h1 !== module.h1)
    throw contradicted(name, module.h1, { database, h1 });
  return goModH1 !== undefined && (module.h1 === null || h1 !== undefined);
}

/** The bytes that were fetched are not those that the database has seen. */
export function contradicted(
  what: string,
  found: string,
  { database, h1: expected }: Pick<Recorded, 'database' | 'h1'>,
): GofleetError {
  return new GofleetError(
    'bundle_invalid',
    `SECURITY: ${what} was fetched with ${found}, the checksum database ${database} says ${expected}`,
    {
      remedy:
        'Somebody between the author and this machine has changed it: find out who (the module proxy, its cache). Nothing was built.',
      details: { found, expected, database },
    },
  );
}
