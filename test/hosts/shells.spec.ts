import { afterAll, beforeAll, expect, it } from 'vitest';
import { startLab, type Lab } from '../lab/index.ts';
import { toolchain, type Archive } from './support/archive.ts';
import { install, seen, versionCheck, visitor } from './support/visit.ts';

let lab: Lab;
let go: Archive;

beforeAll(async () => {
  lab = await startLab({
    hosts: [
      { name: 'noisy', user: 'operator', diskMb: 128 },
      { name: 'links', user: 'plain', diskMb: 128 },
      { name: 'users', diskMb: 128 },
    ],
  });
  go = await toolchain('1.21.5', 16);
});
afterAll(() => lab.stop());

it('a shell that talks much before a command is no answer', async () => {
  const host = lab.hosts[0]!;
  const { visit, keep } = visitor(lab);
  keep(go);
  await host.run(
    `printf 'printf "%%s" "gofleet-0123456789abcdef fault disk"; echo "Last login: never"; echo end >&2\\n' >>${host.home}/.bashrc.new
     cat ${host.home}/.bashrc >>${host.home}/.bashrc.new 2>/dev/null; mv ${host.home}/.bashrc.new ${host.home}/.bashrc
     echo 'All your shells belong to us' >/etc/motd`,
  );
  const wanted = install({ version: '1.21.5', go });
  const outcome = await visit(host, wanted);
  expect(outcome, JSON.stringify(outcome)).toMatchObject({ state: 'succeeded' });
  expect(await visit(host, wanted)).toMatchObject({ unchanged: true });
});

it('without root, files of the user that are links and lack a last newline come back', async () => {
  const host = lab.hosts[1]!;
  const { visit, keep } = visitor(lab);
  keep(go);
  await host.run(
    `mkdir dots; printf 'alias l=ls' >dots/bashrc; chmod 600 dots/bashrc; ln -sf dots/bashrc .bashrc
     rm -f .profile`,
    { user: 'plain' },
  );
  const before = await seen(host);
  const wanted = install({ version: '1.21.5', go, exportGoroot: true });
  const outcome = await visit(host, wanted);
  expect(outcome, JSON.stringify(outcome)).toMatchObject({ state: 'succeeded' });
  expect((await host.run('go version; echo $GOROOT', { user: 'plain', login: true })).stdout).toBe(
    `go version go1.21.5 linux/amd64\n${host.home}/.gofleet/current/go\n`,
  );
  const back = await visit(host, wanted, { task: 'rollback' });
  expect(back, JSON.stringify(back)).toMatchObject({ state: 'rolled_back' });
  expect(await seen(host)).toEqual(before);
});

it('checks run as the user they name, in an empty folder, and are ended by their time', async () => {
  const host = lab.hosts[2]!;
  const { visit, keep } = visitor(lab);
  keep(go);
  await host.run('useradd -m builder');
  const checks = [
    versionCheck('1.21.5'),
    {
      kind: 'command' as const,
      id: 'who',
      command:
        'id -un; echo $HOME; ls -A | wc -l; echo "${SECRET-clean}"; pwd; touch mine; go version',
      expect: '/^builder\\n\\/home\\/builder\\n0\\nclean\\n/',
      user: 'builder',
      timeout: 10_000,
    },
  ];
  const wanted = install({ version: '1.21.5', go, checks });
  const outcome = await visit(host, wanted);
  expect(outcome, JSON.stringify(outcome)).toMatchObject({ state: 'succeeded' });
  expect(outcome.after?.checks[1]?.output).toContain('go1.21.5');
  const slow = [{ ...versionCheck('x'), command: 'echo begun; sleep 30', timeout: 1000 }];
  const late = await visit(host, install({ version: '1.21.5', go, checks: slow }));
  expect(late).toMatchObject({ state: 'failed', code: 'health' });
  expect(late.message).toContain('took longer than 1 s: begun');
  const loud = [
    { ...versionCheck('x'), command: 'yes | head -c 300000; echo; echo done', expect: 'y' },
  ];
  expect(await visit(host, install({ version: '1.21.5', go, checks: loud }))).toMatchObject({
    state: 'succeeded',
    unchanged: true,
  });
  expect((await host.run('ls -A /opt/gofleet/staging')).stdout).toBe('');
});
