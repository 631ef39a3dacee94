import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { blobPath, readManifest } from '#bundle';
import { startLab } from '../lab/index.ts';
import { cli, startStack } from '../stack/index.ts';
import { ansibleInstall } from './ansible.ts';
import { bareInstall, bareTrue } from './bare.ts';
import { rollBack, rollOut } from './gofleet.ts';
import { measure, peakMemoryOf, type Cost } from './measure.ts';
import { printCosts, ratio } from './show.ts';

const VERSION = '1.21.5';
const HOSTS = 20;
const AT_ONCE = 4;

/** The same toolchain on the same 20 hosts: bare ssh and tar, Ansible, gofleet; then again, then back. */
export async function againstOthers(work: string): Promise<unknown> {
  await using lab = await startLab({
    hosts: Array.from({ length: HOSTS }, (_, index) => ({
      name: `b${String(index + 1).padStart(2, '0')}`,
      diskMb: 1200,
    })),
    packages: ['python3'],
  });
  const { bundle, archive } = await toolchainBundle(work);
  await using stack = await startStack({ lab });
  await stack.import(bundle);

  const costs: Record<string, Cost> = {};
  const record = async (name: string, run: () => Promise<number>): Promise<void> => {
    costs[name] = await measure(lab.hosts, run);
    printCosts({ [name]: costs[name] });
  };
  const clean = (paths: string) =>
    Promise.all(lab.hosts.map((host) => host.run(`rm -rf ${paths}`)));

  await record('bare: install', () => bareInstall(lab, archive));
  await clean('/opt/bare');
  await record('bare: ssh true', () => bareTrue(lab, HOSTS));
  await record('ansible: install', () => ansibleInstall(lab, archive, VERSION));
  await record('ansible: nothing to do', () => ansibleInstall(lab, archive, VERSION));
  await clean('/opt/ansible /root/.ansible');
  let first = '';
  await record('gofleet: install', async () => {
    const { id, cpu } = await rollOut(stack, 'bench', VERSION, AT_ONCE);
    first = id;
    return cpu;
  });
  await record(
    'gofleet: nothing to do',
    async () => (await rollOut(stack, 'bench', VERSION, HOSTS)).cpu,
  );
  await record('gofleet: rollback', () => rollBack(stack, first));
  const memory = {
    controller: await peakMemoryOf(await stack.pid('controller')),
    worker: await peakMemoryOf(await stack.pid('worker')),
  };
  const wall = (name: string): number => costs[name]?.wall ?? Number.NaN;
  const ratios = {
    'install / bare': ratio(wall('gofleet: install'), wall('bare: install'), 'at most 1.3'),
    'ansible / install': ratio(wall('ansible: install'), wall('gofleet: install'), 'at least 2.5'),
    'nothing / ssh true': ratio(
      wall('gofleet: nothing to do'),
      wall('bare: ssh true'),
      'at most 1.3',
    ),
    'ansible nothing / nothing': ratio(
      wall('ansible: nothing to do'),
      wall('gofleet: nothing to do'),
      'at least 7',
    ),
    'rollback / nothing': ratio(
      wall('gofleet: rollback'),
      wall('gofleet: nothing to do'),
      'under 2',
    ),
  };
  console.log(
    `  peak memory: controller ${memory.controller.toFixed(0)} MB, worker ${memory.worker.toFixed(0)} MB`,
  );
  return { costs, ratios, memory };
}

async function toolchainBundle(work: string): Promise<{ bundle: string; archive: string }> {
  const file = join(work, 'bench.yaml');
  await writeFile(
    file,
    `kind: Bundle\nname: bench\ntoolchains: [{ version: "${VERSION}", platforms: [linux/amd64] }]\nsources: [proxy]\n`,
  );
  const bundle = join(work, 'bench');
  const built = await cli(['bundle', 'build', file, '-o', bundle]);
  if (built.code !== 0) throw new Error(built.stderr);
  const manifest = readManifest(await readFile(join(bundle, 'manifest.json')));
  const sha = manifest.toolchains[0]?.blob ?? '';
  const archive = join(work, `go${VERSION}.tar.gz`);
  await copyFile(join(bundle, blobPath(sha)), archive);
  return { bundle, archive };
}
