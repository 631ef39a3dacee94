import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startLab, type Lab, type LabHost, type UserKind } from '../lab/index.ts';
import { modulePack, project, toolchain } from './support/archive.ts';
import { install, seen, visitor } from './support/visit.ts';

const KINDS: UserKind[] = ['root', 'deploy', 'operator', 'plain'];
let lab: Lab;

beforeAll(async () => {
  lab = await startLab({ hosts: KINDS.map((user) => ({ name: user, user, diskMb: 256 })) });
});
afterAll(() => lab.stop());

function hostOf(kind: UserKind): LabHost {
  return lab.hosts.find((host) => host.name === kind)!;
}

describe.each(KINDS)('a host with the user %s', (kind) => {
  it('is installed, unchanged, upgraded, and put back to every byte', async () => {
    const host = hostOf(kind);
    const { visit, keep } = visitor(lab);
    const old = keep(await toolchain('1.21.5', 64));
    const pack = keep(await modulePack('one'));
    const sources = keep(await project('sample'));
    const first = install({
      version: '1.21.5',
      go: old,
      pack,
      project: sources,
      exportGoroot: true,
    });
    const untouched = await seen(host);

    const cold = await visit(host, first);
    expect(cold, JSON.stringify(cold)).toMatchObject({
      state: 'succeeded',
      unchanged: false,
      switched: true,
      bytesSent: old.size + pack.size + sources.size,
    });
    const login = { user: host.user, login: true };
    expect((await host.run('go version', login)).stdout).toContain('go1.21.5');
    expect((await host.run('echo "$GOROOT"', login)).stdout.trim()).toMatch(/go$/);
    expect((await host.run('go env GOPROXY', login)).stdout).toMatch(/^file:.*current\/modules/);

    const before = await meters(host);
    const again = await visit(host, first, { rollout: 'R2' });
    expect(again, JSON.stringify(again)).toMatchObject({
      state: 'succeeded',
      unchanged: true,
      switched: false,
      bytesSent: 0,
    });
    expect(await meters(host)).toEqual(before.map((count) => count + 1));

    const installed = await seen(host);
    const next = keep(await toolchain('1.22.0', 64));
    const upgrade = install({ version: '1.22.0', go: next, exportGoroot: false });
    const warm = await visit(host, upgrade, { rollout: 'R3' });
    expect(warm, JSON.stringify(warm)).toMatchObject({ state: 'succeeded', switched: true });
    expect((await host.run('go version', login)).stdout).toContain('go1.22.0');
    expect((await host.run('go env GOPROXY', login)).stdout).toMatch(/^file:/);

    const back = await visit(host, upgrade, { rollout: 'R3', task: 'rollback' });
    expect(back, JSON.stringify(back)).toMatchObject({ state: 'rolled_back', bytesSent: 0 });
    expect(await seen(host)).toEqual(installed);
    const undone = await visit(host, first, { rollout: 'R1', task: 'rollback' });
    expect(undone, JSON.stringify(undone)).toMatchObject({ state: 'rolled_back', bytesSent: 0 });
    expect(await seen(host)).toEqual(untouched);
    expect(await visit(host, first, { rollout: 'R1', task: 'rollback' })).toMatchObject({
      state: 'rolled_back',
      unchanged: true,
    });
  });
});

/** Connections as the proxy saw them, sessions and execs as sshd logged them. */
async function meters(host: LabHost): Promise<number[]> {
  const log = await host.log();
  return [(await host.counters()).connections, log.sessions(), log.execs()];
}
