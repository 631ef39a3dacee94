import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { lstatSync, mkdtempSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { writeArchive, type ArchiveEntry } from '#bundle';

const folder = mkdtempSync(join(tmpdir(), 'archive-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(path: string, text: string, executable = false): ArchiveEntry {
  const bytes = Buffer.from(text);
  return { path, kind: 'file', executable, size: bytes.length, read: () => Readable.from([bytes]) };
}

const ENTRIES: ArchiveEntry[] = [
  file('go/bin/go', '#!/bin/sh\n', true),
  file(`go/src/${'long/'.repeat(30)}name.go`, 'package name\n'),
  file('go/名前.txt', 'x'),
  { path: 'go/link', kind: 'link', target: 'bin/go' },
];

describe('an archive', () => {
  it('has the same bytes whatever the order of its entries', async () => {
    const first = await writeArchive(ENTRIES, join(folder, 'a.tar.gz'), 6);
    const bytes = readFileSync(join(folder, 'a.tar.gz'));
    expect(first.blob).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect(first.size).toBe(bytes.length);
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(ENTRIES, { minLength: ENTRIES.length }),
        async (some) => {
          expect(await writeArchive(some, join(folder, 'b.tar.gz'), 6)).toEqual(first);
        },
      ),
      { numRuns: 10 },
    );
  });

  it('is unpacked by plain tar into what its numbers say', async () => {
    const { entries, unpackedBytes } = await writeArchive(ENTRIES, join(folder, 'c.tar.gz'), 1);
    execFileSync('tar', ['-xzf', 'c.tar.gz'], { cwd: folder });
    const found = execFileSync('find', ['go', '-printf', '%y %m %s\n'], { cwd: folder }).toString();
    const rows = found.trim().split('\n');
    expect(rows).toHaveLength(entries);
    const bytes = rows.filter((row) => row.startsWith('f')).map((row) => Number(row.split(' ')[2]));
    expect(bytes.reduce((sum, each) => sum + each)).toBe(unpackedBytes);
    expect(lstatSync(join(folder, 'go/bin/go')).mode & 0o777).toBe(0o755);
    expect(lstatSync(join(folder, 'go/名前.txt')).mode & 0o777).toBe(0o644);
    expect(readlinkSync(join(folder, 'go/link'))).toBe('bin/go');
  });

  it('has another tree when a mode, a name or a byte differs', async () => {
    const variants = [
      [file('a', 'x')],
      [file('a', 'x', true)],
      [file('a', 'y')],
      [file('b', 'x')],
      [{ path: 'a', kind: 'link', target: 'x' } as const],
    ];
    const trees = variants.map(
      async (each) => (await writeArchive(each, join(folder, 'd'), 1)).tree,
    );
    expect(new Set(await Promise.all(trees)).size).toBe(variants.length);
  });

  it.each(['../a', '/a', 'a//b', './a', 'a\nb', ''])('refuses the path %j', async (path) => {
    await expect(writeArchive([file(path, '')], join(folder, 'e'), 1)).rejects.toMatchObject({
      code: 'invalid_file',
    });
  });

  it('fails when the disk is full, and lets go of what it reads', async () => {
    let open = 0;
    const large = Array.from({ length: 40 }, (_, index): ArchiveEntry => {
      const read = async function* () {
        open += 1;
        try {
          yield randomBytes(2_000_000);
        } finally {
          open -= 1;
        }
      };
      return { path: `a${index}`, kind: 'file', executable: false, size: 2_000_000, read };
    });
    await expect(writeArchive(large, '/dev/full', 1)).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(open).toBe(0);
    const nowhere = writeArchive(large, join(folder, 'no/such/folder'), 1);
    await expect(nowhere).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('fails when a file is not as long as it said', async () => {
    const liar = { ...file('a', 'four'), size: 5 } as ArchiveEntry;
    await expect(writeArchive([liar], join(folder, 'f'), 1)).rejects.toThrow(/size/i);
  });
});
