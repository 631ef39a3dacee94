import { join } from 'node:path';
import type { Lab } from '../lab/index.ts';
import { shellCpu } from './measure.ts';

/** The bare limit: `ssh` and `tar`, four at a time. Nothing is verified, synced, or switched. */
export function bareInstall(lab: Lab, archive: string): Promise<number> {
  return eachHost(
    lab,
    4,
    `'rm -rf /opt/bare && mkdir -p /opt/bare && tar -xz -C /opt/bare' < ${archive}`,
  );
}

export function bareTrue(lab: Lab, parallel: number): Promise<number> {
  return eachHost(lab, parallel, 'true');
}

function eachHost(lab: Lab, parallel: number, command: string): Promise<number> {
  const hosts = lab.hosts
    .map(({ address, port, user }) => `-p${port} ${user}@${address}`)
    .join('\\n');
  const ssh = `ssh -F none -i ${join(lab.keys, 'lab')} -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR`;
  return shellCpu(
    `printf -- '${hosts}\\n' | xargs -P${parallel} -I{} sh -c "${ssh} {} ${command}"`,
  );
}
