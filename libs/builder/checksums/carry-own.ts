import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { formatLog, openHead, type ProxyFile } from '#gomod';
import type { Build } from '../build.ts';
import { databaseFiles } from './carry-upstream.ts';
import type { KeptDatabase } from './kept.ts';
import type { OwnLog } from './own-log.ts';
import type { PackDatabase } from './types.ts';

/**
 * Puts a database of our own into packs: the whole tree of its log, so that it goes on from every head of it that hosts
 * may know, and the records of the pack's modules.
 */
export function carryOwn(
  own: OwnLog,
  kept: KeptDatabase,
  { bench }: Pick<Build, 'bench'>,
): PackDatabase {
  const { key } = own;
  const { name, text } = key.verifier;
  return {
    inputs: () => [text, sha256(formatLog(own.log().records))],
    carry: async (modules) => {
      own.add(modules);
      const log = own.log();
      const head = log.head(key);
      const below = `sumdb/${name}`;
      const found = modules.flatMap((module) => {
        const record = log.find(module);
        return record ? [{ module, record }] : [];
      });
      const tiles = await written(log.tiles(), await bench.scratch('tiles'), below);
      return {
        files: [...databaseFiles(below, head.note, found), ...tiles],
        sumdb: { name, key: text, size: head.size, head: head.note, earlier: [], except: [] },
      };
    },
    isRepeatable: () => own.isWritten(),
    adopt: () => {},
    commit: async (notes) => {
      await own.write();
      for (const note of notes) await kept.carry(openHead(note, key.verifier));
    },
  };
}

async function written(
  tiles: Map<string, Buffer>,
  folder: string,
  below: string,
): Promise<ProxyFile[]> {
  const files: ProxyFile[] = [];
  for (const [path, bytes] of tiles) {
    const from = join(folder, path);
    await mkdir(dirname(from), { recursive: true });
    await writeFile(from, bytes);
    files.push({ path: `${below}/${path}`, from });
  }
  return files;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
