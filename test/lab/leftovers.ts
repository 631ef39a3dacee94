import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { removeAccount } from './account.ts';
import { isAlive, kill, killAll, marked } from './processes.ts';
import type { LabRecord } from './protocol.ts';
import { MARK } from './user-machine.ts';

/** A lab that is being started has no record yet; older than this it never gets one. */
const STARTING_MS = 60_000;

/** The folder that holds a folder for each lab of this user. */
export function labsFolder(): string {
  const folder = join(tmpdir(), `gofleet-lab-${process.getuid?.() ?? 'user'}`);
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  if (statSync(folder).uid !== process.getuid?.())
    throw new Error(`${folder} belongs to another user`);
  return folder;
}

/** Takes away what labs left whose keeper was killed: their processes, then their folders. */
export async function removeLeftovers(): Promise<void> {
  for (const id of readdirSync(labsFolder())) {
    const folder = join(labsFolder(), id);
    const record = readRecord(folder);
    const young = Date.now() - (statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? 0);
    if (!record && young < STARTING_MS) continue;
    if (record?.keeper && isAlive(record.keeper)) continue;
    for (const each of record?.processes ?? []) if (isAlive(each)) kill(each.pid);
    await killAll(() => marked(`${MARK}${id}/`));
    await rm(folder, { recursive: true, force: true });
  }
  await removeUnusedAccount();
}

/** Takes away the account for hosts without root when there is no lab any more. */
export async function removeUnusedAccount(): Promise<void> {
  if (readdirSync(labsFolder()).length === 0) await removeAccount();
}

/** Ends the labs of this user that were started with `keep`, and answers how many there were. */
export async function stopKeptLabs(): Promise<number> {
  const records = readdirSync(labsFolder()).map((id) => readRecord(join(labsFolder(), id)));
  const keepers = records
    .flatMap((record) => (record?.keep && record.keeper) || [])
    .filter(isAlive);
  for (const keeper of keepers) kill(keeper.pid, 'SIGTERM');
  for (let tries = 0; tries < 300 && keepers.some(isAlive); tries += 1) await sleep(100);
  await removeLeftovers();
  return keepers.length;
}

function readRecord(folder: string): LabRecord | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, 'lab.json'), 'utf8')) as LabRecord;
  } catch {
    return undefined;
  }
}
