import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mayBeRoot } from './base.ts';
import { startLab, type Lab, type LabHost } from './index.ts';

const SCRIPT = readFileSync(join(import.meta.dirname, '../../scripts/install-system.sh'));

/** On a lab host: it has Debian's package manager, but no way to any mirror. */
describe.runIf(await mayBeRoot())('scripts/install-system.sh', () => {
  let lab: Lab;
  let host: LabHost;

  beforeAll(async () => {
    lab = await startLab({ mode: 'root', hosts: 1 });
    host = lab.hosts[0] as LabHost;
    await host.run('cat >/install-system.sh', { stdin: SCRIPT });
  });

  afterAll(() => lab.stop());

  it.each([
    ['nothing is missing', 'plain', 'openssh-server sudo', 0, ''],
    ['nothing is named', 'plain', '', 2, 'usage'],
    ['it may not', 'plain', 'sudo redis-server', 3, 'apt-get install --no-install-recommends sudo'],
    ['a password is wanted', 'operator', 'redis-server', 3, 'remedy: install these packages'],
    ['no mirror answers', 'deploy', 'redis-server', 3, 'with apt-get and sudo: redis-server'],
  ])('when %s', async (_, user, packages, code, said) => {
    const answer = await host.run(`sh /install-system.sh ${packages}`, { user, network: false });
    expect(answer.code).toBe(code);
    expect(answer.stderr).toContain(said);
    expect(await host.listing(['/usr/sbin/policy-rc.d'])).toEqual([]);
  });

  it('leaves alone what the machine itself says about starting services', async () => {
    await host.run('printf "#!/bin/sh\\nexit 0\\n" >/usr/sbin/policy-rc.d');
    await host.run('sh /install-system.sh redis-server', { network: false });
    expect(readFileSync(host.path('/usr/sbin/policy-rc.d'), 'utf8')).toContain('exit 0');
  });
});
