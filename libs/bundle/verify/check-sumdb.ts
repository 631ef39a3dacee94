import {
  lookupPath,
  openHead,
  parseLookup,
  parseVerifierKey,
  proveRecords,
  recordedSums,
  type Lookup,
  type TreeHead,
} from '#gomod';
import type { Pack, PackModule, PackSumdb } from '../schema.ts';
import { keepBytes, type ContentSink } from './contents.ts';

/** Looks at the checksum database of a pack while it is unpacked. */
export interface SumdbCheck {
  /** undefined for what is no part of it. */
  open(path: string, size: number): ContentSink | undefined;
  end(): Promise<void>;
}

/** Records and tiles of more modules than anybody packs. */
const MOST_BYTES = 128 << 20;

/** Proves every module that the manifest says is in the checksum database, from what the pack carries of it. */
export function checkSumdb(
  { modules, sumdb }: Pick<Pack, 'modules' | 'sumdb'>,
  fault: (message: string) => void,
): SumdbCheck {
  const folder = sumdb && `modules/sumdb/${sumdb.name}/`;
  const files = new Map<string, Buffer>();
  let kept = 0;

  function open(path: string, size: number): ContentSink | undefined {
    if (folder === null || !path.startsWith(folder)) return undefined;
    kept += size;
    if (kept > MOST_BYTES) throw new Error('its checksum database is larger than 128 MiB');
    return keepBytes((bytes) => void files.set(path.slice(folder.length), bytes));
  }

  async function end(): Promise<void> {
    if (!sumdb) return;
    try {
      const head = headOf(sumdb);
      const vouched = modules.filter(({ verified }) => verified === 'checksum-database');
      const records = vouched.flatMap((module) => recordOf(module, head, files, fault) ?? []);
      await proveRecords(head, records, async (path) => files.get(path));
    } catch (error) {
      fault(`sumdb/${sumdb.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  return { open, end };
}

function headOf(sumdb: PackSumdb): TreeHead {
  const head = openHead(sumdb.head, parseVerifierKey(sumdb.key));
  if (head.size !== sumdb.size)
    throw new Error(`its head has ${head.size} records, the manifest says ${sumdb.size}`);
  return head;
}

/** Its record, which must say what the manifest says, under the one head of the pack. */
function recordOf(
  module: PackModule,
  head: TreeHead,
  files: ReadonlyMap<string, Buffer>,
  fault: (message: string) => void,
): Lookup | undefined {
  const answer = files.get(lookupPath(module));
  const record = answer && parseLookup(answer.toString('utf8'));
  if (record?.note === head.note && confirms(record.text, module)) return record;
  const says = record ? 'says something else' : 'has no record';
  fault(`the checksum database of the pack ${says} of ${module.path}@${module.version}`);
  return undefined;
}

function confirms(text: string, module: PackModule): boolean {
  const { h1, goModH1 } = recordedSums(text, module);
  return goModH1 === module.goModH1 && (module.h1 === null || h1 === module.h1);
}
