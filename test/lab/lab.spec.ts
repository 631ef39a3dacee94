import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { mayBeRoot } from './base.ts';
import { OPERATOR_PASSWORD, removeLeftovers, startLab, type Lab, type LabHost } from './index.ts';
import { isAlive, processId, type ProcessId } from './processes.ts';
import { ssh } from './ssh.ts';

const isRoot = await mayBeRoot();
const MB = 1 << 20;

/** Everything on this machine that belongs to the lab with this folder. */
function traces(folder: string): string[] {
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
    .filter((pid) => {
      try {
        const [command, mounts] = ['cmdline', 'mountinfo'].map((file) =>
          readFileSync(`/proc/${pid}/${file}`, 'latin1'),
        );
        return command?.includes(folder) || mounts?.includes(folder);
      } catch {
        return false;
      }
    });
  return existsSync(folder) ? [folder, ...processes] : processes;
}

/** The lab's own folder, above that of its files. */
const home = (lab: Lab): string => join(lab.folder, '..');

describe.runIf(isRoot)('hosts with a root of their own', () => {
  let lab: Lab;
  let root: LabHost;
  let deploy: LabHost;
  let operator: LabHost;
  let plain: LabHost;

  beforeAll(async () => {
    lab = await startLab({
      mode: 'root',
      hosts: [
        { name: 'alpha', user: 'root', diskMb: 64 },
        { name: 'beta', user: 'deploy', vars: { rack: 'r1' } },
        { name: 'gamma', user: 'operator' },
        { name: 'delta', user: 'plain' },
      ],
    });
    [root, deploy, operator, plain] = lab.hosts as [LabHost, LabHost, LabHost, LabHost];
  });

  afterAll(() => lab.stop());

  it('have a name, processes, users and a disk of their own', async () => {
    const answers = await Promise.all(
      lab.hosts.map((host) => ssh(lab, host, 'hostname; id -un; pwd; cat /proc/1/comm')),
    );
    expect(answers.map(({ stdout }) => stdout.split('\n').slice(0, 4))).toEqual([
      ['alpha', 'root', '/root', 'sshd'],
      ['beta', 'deploy', '/home/deploy', 'sshd'],
      ['gamma', 'operator', '/home/operator', 'sshd'],
      ['delta', 'plain', '/home/plain', 'sshd'],
    ]);
    await ssh(lab, root, 'touch /etc/only-here');
    expect(existsSync(root.path('/etc/only-here'))).toBe(true);
    expect(existsSync(deploy.path('/etc/only-here'))).toBe(false);
    expect(existsSync('/etc/only-here')).toBe(false);
    const size = await ssh(lab, root, 'df -Pm / | tail -1');
    expect(Number(size.stdout.split(/\s+/)[1])).toBe(64);
  });

  it('differ in what sudo allows', async () => {
    const asks = 'sudo -n id -u';
    const withPassword = `echo ${OPERATOR_PASSWORD} | sudo -S -p "" id -u`;
    expect(await ssh(lab, deploy, asks)).toMatchObject({ code: 0, stdout: '0\n' });
    expect(await ssh(lab, operator, asks)).toMatchObject({ code: 1 });
    expect(await ssh(lab, operator, withPassword)).toMatchObject({ code: 0, stdout: '0\n' });
    expect(await ssh(lab, operator, 'echo wrong | sudo -S id')).toMatchObject({ code: 1 });
    expect(await ssh(lab, plain, 'sudo -n id -u')).toMatchObject({ code: 1 });
  });

  it('are described by an inventory with pinned keys', () => {
    const { all } = parse(lab.inventoryYaml({ groups: { web: ['alpha', 'beta'] } }));
    expect(all.children).toEqual({ web: { hosts: { alpha: null, beta: null } } });
    expect(all.hosts.beta).toEqual({
      ansible_host: deploy.address,
      ansible_port: deploy.port,
      ansible_user: 'deploy',
      ansible_become: true,
      gofleet_host_key: deploy.hostKey,
      rack: 'r1',
    });
    expect(all.hosts.gamma.ansible_become_password).toBe('secret:file:operator');
    expect(readFileSync(join(lab.secrets, 'operator'), 'utf8')).toBe(OPERATOR_PASSWORD);
  });

  it('refuse a key they do not know, and their log says so', async () => {
    const before = await plain.log();
    expect(await ssh(lab, plain, 'true', { key: 'stranger' })).toMatchObject({ code: 255 });
    const after = await plain.log();
    expect(after.refusals() - before.refusals()).toBe(1);
    expect(after.sessions()).toBe(before.sessions());
  });

  it('are counted by the proxy and by sshd', async () => {
    const [before, logBefore] = [await deploy.counters(), await deploy.log()];
    const stdin = Buffer.alloc(3 * MB, 'x');
    expect(await ssh(lab, deploy, 'cat >upload; wc -c <upload', { stdin })).toMatchObject({
      stdout: `${3 * MB}\n`,
    });
    await ssh(lab, deploy, 'head -c 1000000 upload');
    await ssh(lab, deploy, 'rm upload');
    const [after, logAfter] = [await deploy.counters(), await deploy.log()];
    expect(after.connections - before.connections).toBe(3);
    expect(after.openedAt).toHaveLength(after.connections);
    expect(after.bytesIn - before.bytesIn).toBeGreaterThan(3 * MB);
    expect(after.bytesIn - before.bytesIn).toBeLessThan(3.1 * MB);
    expect(after.bytesOut - before.bytesOut).toBeGreaterThan(1_000_000);
    expect(logAfter.sessions() - logBefore.sessions()).toBe(3);
    expect(logAfter.execs() - logBefore.execs()).toBe(3);
    await expect.poll(async () => (await deploy.counters()).open).toBe(0);
  });

  it('run commands past ssh, as any user, with the network cut', async () => {
    const before = await root.counters();
    const cut = await root.run('id -un; pwd; cat /proc/net/dev | grep -c :', {
      user: 'plain',
      network: false,
    });
    expect(cut.stdout).toBe('plain\n/home/plain\n1\n');
    const loopback = await root.run('ip -o addr show up', { network: false });
    expect(loopback.stdout).toContain('127.0.0.1/8');
    const login = await root.run('shopt -q login_shell && cat', { login: true, stdin: 'in' });
    expect(login).toEqual({ code: 0, stdout: 'in', stderr: '' });
    expect((await root.run('kill -9 $$')).code).not.toBe(0);
    expect((await root.run('exit 7')).code).toBe(7);
    expect(await root.counters()).toEqual(before);
  });

  it('list their trees, links followed as the host would', async () => {
    await root.run(
      'mkdir -p /opt/a/v1 && echo hello >/opt/a/v1/file && chmod 640 /opt/a/v1/file && chown plain:plain /opt/a/v1/file && ln -sfn /opt/a/v1 /opt/a/current',
    );
    const file = {
      type: 'file',
      mode: '0640',
      sha256: '5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03',
    };
    const owner = (await root.run('stat -c %u:%g /opt/a/v1/file')).stdout.trim();
    expect(await root.listing(['/opt/a'])).toEqual([
      { path: '/opt/a', type: 'folder', mode: '0755', owner: '0:0' },
      { path: '/opt/a/current', type: 'link', mode: '0777', owner: '0:0', target: '/opt/a/v1' },
      { path: '/opt/a/v1', type: 'folder', mode: '0755', owner: '0:0' },
      { path: '/opt/a/v1/file', owner, ...file },
    ]);
    expect(await root.listing(['/opt/a/current/file'])).toMatchObject([file]);
    expect(await root.listing(['/opt/a/current'])).toMatchObject([{ type: 'link' }]);
    expect(await root.listing(['/opt/a/current/'])).toHaveLength(2);
    expect(await root.listing(['/opt/nothing'])).toEqual([]);
  });

  it('run out of space and of inodes, and get them back', async () => {
    await root.fill();
    expect(await ssh(lab, root, 'echo full >/opt/full')).toMatchObject({ code: 1 });
    await root.free();
    expect(await ssh(lab, root, 'head -c 9000000 /dev/zero >/opt/full')).toMatchObject({ code: 0 });
    await root.fill(2);
    expect(await ssh(lab, root, 'head -c 1000000 /dev/zero >/opt/1')).toMatchObject({ code: 0 });
    expect(await ssh(lab, root, 'head -c 3000000 /dev/zero >/opt/3')).toMatchObject({ code: 1 });
    await root.free();
    await root.fillInodes();
    expect(await ssh(lab, root, 'touch /opt/a-new-inode')).toMatchObject({ code: 1 });
    await root.free();
    expect(await ssh(lab, root, 'touch /opt/a-new-inode')).toMatchObject({ code: 0 });
  });

  it('go down with all they run and come back with their disk', async () => {
    await root.run('echo kept >/etc/kept');
    const running = ssh(lab, root, 'sleep 1000');
    await expect.poll(async () => (await root.run('pgrep -c sleep')).stdout).toBe('1\n');
    await root.stop();
    expect((await running).code).toBe(255);
    expect((await ssh(lab, root, 'true')).stderr).toContain('refused');
    expect((await root.run('cat /etc/kept')).stdout).toBe('kept\n');
    await root.start();
    expect(await ssh(lab, root, 'cat /etc/kept; pgrep -c sleep')).toMatchObject({
      stdout: 'kept\n0\n',
    });
  });

  it('reap what a lost session leaves behind', async () => {
    await ssh(lab, root, 'setsid sh -c "sleep 0.1" >/dev/null 2>&1 </dev/null & exit 0');
    await sleep(500);
    expect((await root.run('ps -o stat= ax | grep -c Z')).stdout).toBe('0\n');
  });

  it('change their key and take the first one back', async () => {
    const second = await plain.changeKey();
    expect(second).not.toBe(plain.hostKey);
    expect((await ssh(lab, plain, 'true')).stderr).toContain('IDENTIFICATION HAS CHANGED');
    await plain.restoreKey();
    expect(await ssh(lab, plain, 'true')).toMatchObject({ code: 0 });
  });

  describe('links', () => {
    const upload = (bytes: number): ReturnType<typeof ssh> =>
      ssh(lab, deploy, 'cat >/dev/null', { stdin: Buffer.alloc(bytes) });

    afterAll(() => deploy.link({}));

    it('are as slow as asked', async () => {
      await deploy.link({ bytesPerSecond: MB });
      const began = Date.now();
      expect((await upload(2 * MB)).code).toBe(0);
      expect(Date.now() - began).toBeGreaterThan(1900);
    });

    it('delay what they carry', async () => {
      await deploy.link({ delayMs: 100 });
      const began = Date.now();
      expect((await upload(MB)).code).toBe(0);
      expect(Date.now() - began).toBeGreaterThan(1000);
    });

    it('cut a connection after so many bytes, once or always', async () => {
      await expect.poll(async () => (await deploy.counters()).open).toBe(0);
      await deploy.link({ cutAfterBytes: MB, cuts: 1 });
      const before = await deploy.counters();
      expect((await upload(2 * MB)).code).toBe(255);
      const after = await deploy.counters();
      const carried = [after, before].map(({ bytesIn, bytesOut }) => bytesIn + bytesOut);
      expect((carried[0] ?? 0) - (carried[1] ?? 0)).toBe(MB);
      expect((await upload(2 * MB)).code).toBe(0);
      await deploy.link({ cutAfterBytes: MB });
      expect((await upload(2 * MB)).code).toBe(255);
      expect((await upload(2 * MB)).code).toBe(255);
    });

    it('swallow everything, and go on afterwards', async () => {
      await deploy.link({});
      const late = ssh(lab, deploy, 'sleep 0.5; echo there');
      await expect
        .poll(async () => (await deploy.run('pgrep -c sleep', { user: 'deploy' })).stdout)
        .toBe('1\n');
      await deploy.link({ blackhole: true });
      expect((await ssh(lab, deploy, 'true', { timeoutSeconds: 1 })).code).toBe(255);
      expect(await Promise.race([late, sleep(1000, 'silent')])).toBe('silent');
      await deploy.link({});
      expect((await late).stdout).toBe('there\n');
    });

    it('refuse connections while the host runs on', async () => {
      await deploy.link({ refused: true });
      expect((await ssh(lab, deploy, 'true')).stderr).toContain('refused');
      expect((await deploy.run('true')).code).toBe(0);
      await deploy.link({});
      expect((await ssh(lab, deploy, 'true')).code).toBe(0);
    });
  });
});

describe('hosts without root', () => {
  it('give the user another home, and the rest of what ssh promises', async () => {
    await using lab = await startLab({ mode: 'user', hosts: 2 });
    const [one, two] = lab.hosts as [LabHost, LabHost];
    expect(await ssh(lab, one, 'pwd; echo "$HOME"; id -u')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(`^${one.home}\n${one.home}\n[1-9]`) as string,
    });
    const stdin = Buffer.alloc(MB, 'y');
    expect(await ssh(lab, one, 'cat >upload', { stdin })).toMatchObject({ code: 0 });
    expect(readFileSync(one.path('upload'))).toHaveLength(MB);
    expect(existsSync(two.path('upload'))).toBe(false);
    expect(await ssh(lab, one, 'exit 7')).toMatchObject({ code: 7 });
    await one.run('echo "export SEEN=profile" >>~/.profile');
    expect((await one.run('echo $SEEN', { login: true })).stdout).toBe('profile\n');
    await one.run('sed -i "1i export RC=bashrc" ~/.bashrc || echo export RC=bashrc >~/.bashrc');
    expect((await ssh(lab, one, 'echo $RC')).stdout).toBe('bashrc\n');
    expect(await one.listing(['/upload'])).toMatchObject([{ path: '/upload', type: 'file' }]);
    const { connections } = await one.counters();
    expect(connections).toBe(4);
    expect((await one.log()).execs()).toBe(4);
  });

  it('take everything along when they go down', async () => {
    await using lab = await startLab({ mode: 'user', hosts: 1 });
    const [host] = lab.hosts as [LabHost];
    await ssh(lab, host, 'setsid sleep 1234 >/dev/null 2>&1 </dev/null & echo $! >pid');
    const running = ssh(lab, host, 'sleep 1235');
    const left = processId(Number(readFileSync(host.path('pid'), 'utf8')));
    await host.stop();
    expect((await running).code).toBe(255);
    expect(left && isAlive(left)).toBeFalsy();
    await host.start();
    expect(await ssh(lab, host, 'cat pid')).toMatchObject({ code: 0 });
  });
});

describe('a lab', () => {
  const modes = isRoot ? (['root', 'user'] as const) : (['user'] as const);

  it.runIf(isRoot)('starts 50 hosts, all of which answer, and leaves nothing', async () => {
    const began = performance.now();
    const lab = await startLab({ hosts: 50 });
    console.log(`50 hosts started in ${((performance.now() - began) / 1000).toFixed(1)} s`);
    const answers = await Promise.all(lab.hosts.map((host) => ssh(lab, host, 'hostname')));
    expect(answers.map(({ stdout }) => stdout.trim())).toEqual(lab.hosts.map(({ name }) => name));
    expect(traces(home(lab)).length).toBeGreaterThan(100);
    await lab.stop();
    expect(traces(home(lab))).toEqual([]);
  });

  it('keeps apart from another one', async () => {
    await using one = await startLab({ hosts: 1 });
    await using other = await startLab({ hosts: 1 });
    expect(one.hosts[0]?.address).not.toBe(other.hosts[0]?.address);
    expect(await ssh(other, other.hosts[0] as LabHost, 'true')).toMatchObject({ code: 0 });
  });

  it.each(modes)('in mode %s is gone when its starter is killed', async (mode) => {
    const { starter, folder, keeper } = await startElsewhere(mode);
    starter.kill('SIGKILL');
    await expect.poll(() => traces(folder), { timeout: 20_000 }).toEqual([]);
    await expect.poll(() => isAlive(keeper)).toBe(false);
  });

  it.each(modes)('in mode %s is gone when its keeper is killed too', async (mode) => {
    const { starter, folder, keeper } = await startElsewhere(mode);
    process.kill(keeper.pid, 'SIGKILL');
    starter.kill('SIGKILL');
    // What the kernel does not end at once, the next start does.
    await expect.poll(() => isAlive(keeper)).toBe(false);
    await removeLeftovers();
    await expect.poll(() => traces(folder), { timeout: 5000 }).toEqual([]);
  });

  interface Elsewhere {
    starter: ReturnType<typeof spawn>;
    folder: string;
    keeper: ProcessId;
  }

  /** A lab of another process, with a command at work on its one host. */
  async function startElsewhere(mode: string): Promise<Elsewhere> {
    const url = JSON.stringify(join(import.meta.dirname, 'index.ts'));
    const script = `const { startLab } = await import(${url});
      const lab = await startLab({ hosts: 2, mode: '${mode}' });
      const ssh = (await import(${url.replace('index.ts', 'ssh.ts')})).ssh;
      await ssh(lab, lab.hosts[0], 'setsid sleep 4321 >/dev/null 2>&1 </dev/null &');
      console.log(lab.folder);
      setInterval(() => {}, 1000);`;
    const node = [process.execPath, '--input-type=module', '-e', script] as const;
    const starter = spawn(node[0], node.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] });
    const [said] = (await once(starter.stdout, 'data')) as [Buffer];
    const folder = join(said.toString().trim(), '..');
    const record = JSON.parse(readFileSync(join(folder, 'lab.json'), 'utf8')) as {
      keeper: ProcessId;
    };
    expect(traces(folder).length).toBeGreaterThan(2);
    return { starter, folder, keeper: record.keeper };
  }
});
