import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Lab, LabHost, RunResult } from '../lab/index.ts';

/** What a person gets who types `ssh host COMMAND` with the system's own client. */
export function ssh(lab: Lab, host: LabHost, command: string): Promise<RunResult> {
  const args = [
    ...['-i', join(lab.keys, 'lab'), '-p', String(host.port), '-o', 'BatchMode=yes'],
    ...['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null'],
    ...[
      '-o',
      'LogLevel=ERROR',
      '-o',
      'IdentitiesOnly=yes',
      `${host.user}@${host.address}`,
      command,
    ],
  ];
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
