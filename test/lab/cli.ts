/** `npm run lab -- --hosts 12 [--mode root|user] [--folder DIR] [--keep] | --stop`: hosts to try things on. */
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { startLab, stopKeptLabs, type Lab, type LabMode } from './index.ts';

const USAGE = `npm run lab -- [--hosts 12] [--mode root|user] [--folder DIR] [--keep] | --stop`;

async function main(): Promise<void> {
  const options = readOptions();
  if (options.stop) return console.log(`${await stopKeptLabs()} kept labs ended`);
  const lab = await startLab(options);
  explain(lab, options.keep);
  if (options.keep) return;
  const interrupted = ['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => once(process, signal));
  const alive = setInterval(() => {}, 60_000);
  await Promise.race(interrupted);
  clearInterval(alive);
  await lab.stop();
  console.log('the hosts are gone');
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      hosts: { type: 'string', default: '12' },
      mode: { type: 'string' },
      folder: { type: 'string' },
      keep: { type: 'boolean', default: false },
      stop: { type: 'boolean', default: false },
    },
  });
  const hosts = Number(values.hosts);
  const { mode } = values;
  if (!Number.isInteger(hosts) || hosts < 1) throw new Error('--hosts is a number from 1');
  if (mode && mode !== 'root' && mode !== 'user') throw new Error('--mode is root or user');
  return { ...values, hosts, mode: mode as LabMode | undefined };
}

function explain(lab: Lab, keep: boolean): void {
  const [host] = lab.hosts;
  if (!host) return;
  console.log(`${lab.hosts.length} hosts (mode ${lab.mode}) at ${host.address} and on, port ${host.port}

  inventory    ${lab.folder}/inventory/inventory.yaml
  keys         ${lab.keys}
  known hosts  ${lab.knownHosts}

  ssh -i ${lab.keys}/lab -o UserKnownHostsFile=${lab.knownHosts} -p ${host.port} ${host.user}@${host.address}
  gofleet up --inventory ${lab.folder}/inventory --keys ${lab.keys} --known-hosts ${lab.knownHosts}

${keep ? 'They stay until: npm run lab -- --stop' : 'Ctrl-C ends them.'}`);
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  console.error(USAGE);
  process.exitCode = 2;
}
