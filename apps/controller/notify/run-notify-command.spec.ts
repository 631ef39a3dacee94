import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { notifyCommands } from './run-notify-command.ts';

const notification = {
  event: 'paused',
  rollout: '01J',
  name: 'upgrade',
  state: 'paused',
  reason: { code: 'failure_budget', message: 'batch 2: 2 failed of 4, 1 tolerated' },
  at: '2026-01-01T00:00:00Z',
};

let top: string;
let folder: string;
beforeAll(async () => {
  top = await mkdtemp(join(tmpdir(), 'gofleet-notify-'));
  folder = join(top, 'notify');
  await mkdir(folder);
  await script(join(folder, 'page.sh'), `cat > ${top}/said; env > ${top}/env`);
  await script(join(folder, 'deaf.sh'), 'exit 0');
  await script(join(folder, 'fails.sh'), 'echo no signal >&2; exit 3');
  await writeFile(join(folder, 'plain.txt'), 'text');
  await script(join(top, 'outside.sh'), 'exit 0');
  await symlink(join(top, 'outside.sh'), join(folder, 'link.sh'));
});
afterAll(() => rm(top, { recursive: true }));

async function script(path: string, body: string): Promise<void> {
  await writeFile(path, `#!/bin/sh\n${body}\n`);
  await chmod(path, 0o700);
}

it('gives the notification as JSON on standard input, and nothing of our environment', async () => {
  await notifyCommands(folder)('page.sh', notification);
  expect(JSON.parse(await readFile(join(top, 'said'), 'utf8'))).toEqual(notification);
  const names = (await readFile(join(top, 'env'), 'utf8')).split('\n').map((line) => {
    return line.split('=')[0] ?? '';
  });
  expect(
    names.filter((name) => !['PATH', 'LANG', 'PWD', 'SHLVL', '_', 'OLDPWD', ''].includes(name)),
  ).toEqual([]);
});

it('does not mind a command that reads nothing', async () => {
  await notifyCommands(folder)('deaf.sh', notification);
});

it.each([
  ['fails.sh', /code 3: no signal/],
  ['none.sh', /not in the notify folder/],
  ['plain.txt', /may not be executed/],
  ['../outside.sh', /outside the notify folder/],
  ['link.sh', /outside the notify folder/],
  ['/bin/true', /not in the notify folder/],
])('refuses %s', async (command, message) => {
  await expect(notifyCommands(folder)(command, notification)).rejects.toThrow(message);
});
