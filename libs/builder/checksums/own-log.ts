import { open, readFile, rename, rm, type FileHandle } from 'node:fs/promises';
import {
  formatLog,
  formatRecord,
  logOf,
  openHead,
  parseLog,
  type ChecksumLog,
  type SignerKey,
} from '#gomod';
import { GofleetError } from '#errors';
import { forked } from './heads.ts';
import type { KeptDatabase } from './kept.ts';
import type { HashedModule } from './types.ts';

/** A database of our own, as a bundle file names it. */
export interface OwnDatabase {
  key: SignerKey;
  /** The file of its log. */
  log: string;
}

/** Its log while a bundle is built: what is new is in it from the moment it is asked for, on disk in the end. */
export interface OwnLog {
  key: SignerKey;
  log(): ChecksumLog;
  /** Adds modules that have no record with all of their hashes. */
  add(modules: readonly HashedModule[]): void;
  /** Whether nothing is new. */
  isWritten(): boolean;
  write(): Promise<void>;
}

/** Throws `checksum_database_forked` where the log has lost records that went out with earlier packs. */
export async function openOwnLog(
  { key, log: path }: OwnDatabase,
  kept: KeptDatabase,
): Promise<OwnLog> {
  const text = await readLog(path);
  const before = parseLog(text, path);
  for (const note of await kept.carried()) {
    const head = openHead(note, key.verifier);
    const now = before.head(key, Math.min(head.size, before.records.length));
    if (!now.root.equals(head.root)) throw forked(head, now);
  }
  let log = before;
  return {
    key,
    log: () => log,
    add: (modules) => {
      const added = modules
        .filter((module) => isNew(log, module))
        .map(recordOf)
        .sort();
      if (added.length > 0) log = logOf([...log.records, ...added]);
    },
    isWritten: () => log === before,
    write: async () => {
      if (log === before) return;
      await withDraft(`${path}.new`, async (draft) => {
        if ((await readLog(path)) !== text) throw changedMeanwhile(path);
        await draft.writeFile(formatLog(log.records));
        await draft.sync();
        await rename(`${path}.new`, path);
      });
    },
  };
}

/** The draft is there for one build at a time. */
async function withDraft(path: string, write: (draft: FileHandle) => Promise<void>): Promise<void> {
  const draft = await open(path, 'wx').catch((error: unknown) => {
    throw isCode(error, 'EEXIST') ? beingWritten(path) : error;
  });
  try {
    await write(draft);
  } finally {
    await draft.close();
    await rm(path, { force: true });
  }
}

async function readLog(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    if (isCode(error, 'ENOENT')) return '';
    throw error;
  });
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

function isNew(log: ChecksumLog, { path, version, h1 }: HashedModule): boolean {
  const record = log.find({ path, version });
  return !record || (h1 !== null && record.h1 === undefined);
}

function recordOf({ path, version, h1, goModH1 }: HashedModule): string {
  return formatRecord({ path, version }, { h1: h1 ?? undefined, goModH1 });
}

function changedMeanwhile(path: string): GofleetError {
  return new GofleetError('conflict', `${path} was written by somebody else while this build ran`, {
    remedy: 'Build again: it takes the new records into account.',
    retryable: true,
  });
}

function beingWritten(path: string): GofleetError {
  return new GofleetError(
    'conflict',
    `${path} is there: another build writes this log, or was killed at it`,
    {
      remedy: 'Wait for that build; if there is none, remove the file and build again.',
    },
  );
}
