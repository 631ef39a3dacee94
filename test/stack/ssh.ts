import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Lab, LabHost, RunResult } from '../lab/index.ts';

/** What a person gets who types `ssh host COMMAND` with the system's own client. */
export function ssh(lab: Lab, host: LabHost, command: string): Promise<RunResult> {
  const settings = {
    BatchMode: 'yes',
    StrictHostKeyChecking: 'no',
    UserKnownHostsFile: '/dev/null',
    LogLevel: 'ERROR',
    IdentitiesOnly: 'yes',
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  const key = ['-i', join(lab.keys, 'lab'), '-p', String(host.port)];
  const args = [...key, ...options, `${host.user}@${host.address}`, command];
  return new Promise((resolve, reject) => {
    const child = spawn('ssh', args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (bytes: Buffer) => (stdout += bytes.toString()));
    child.stderr.on('data', (bytes: Buffer) => (stderr += bytes.toString()));
    child.once('error', reject);
    child.once('close', (code) => {
      resolve({ code: code ?? -1, stdout, stderr });
    });
  });
}
