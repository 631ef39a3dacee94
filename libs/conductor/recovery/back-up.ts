import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Actor } from '#api';
import { GofleetError } from '#errors';
import { backUpLedger } from '#ledger';
import { audit } from '../access/audit.ts';
import type { Engine } from '../engine.ts';
import type { BackupFile } from '../interface.ts';

/** A copy of the ledger as it is now, checked, under a name that tells fleet, time and release. Audited. */
export async function backUp(engine: Engine, by: Actor): Promise<BackupFile> {
  const ledger = ledgerFolder(engine);
  const at = engine.clock.now();
  const { release } = engine;
  const folder = join(ledger, 'backups');
  await clear(folder, at);
  const path = join(folder, `${randomUUID()}.part`);
  const { fleet } = await backUpLedger({ folder: ledger, to: path, release, at });
  const { size } = await stat(path);
  const name = nameOf(fleet, at, release);
  await engine.write((queries) =>
    audit(queries, engine.clock.now(), { by, verb: 'backup', after: { name, size } }),
  );
  engine.log.info({ name, size, by: by.name }, 'the ledger was copied');
  return { name, size, bytes: once(path) };
}

/** The copy is gone once it was read, however that ended. */
async function* once(path: string): AsyncIterable<Uint8Array> {
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }))
      yield chunk as Uint8Array;
  } finally {
    await rm(path, { force: true });
  }
}

/** Copies that nobody fetched. */
const FORGOTTEN = 3_600_000;

async function clear(folder: string, now: number): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (found && now - found.mtimeMs > FORGOTTEN) await rm(path, { force: true });
  }
}

function nameOf(fleet: string, at: number, release: string): string {
  const time = new Date(at).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  return `gofleet-${fleet.slice(0, 8)}-${time}-${release}.sqlite`;
}

/** Throws `conflict` for a ledger that has no file. */
export function ledgerFolder({ ledger }: Engine): string {
  if (ledger.folder !== undefined) return ledger.folder;
  throw new GofleetError('conflict', 'this ledger lies in memory alone', {
    remedy: 'Back up the ledger of a controller that keeps one.',
  });
}
