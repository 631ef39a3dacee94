import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import type { LabHost } from '../lab/index.ts';
import { traffic } from '../stack/index.ts';

/** What one run cost: seconds, CPU seconds of our side, and what the proxies and sshd saw of it. */
export interface Cost {
  wall: number;
  cpu: number;
  connections: number;
  execs: number;
  megabytes: number;
}

/** Measures the traffic of the hosts and the clock around a run that tells its own CPU seconds. */
export async function measure(hosts: LabHost[], run: () => Promise<number>): Promise<Cost> {
  const before = await Promise.all(hosts.map(traffic));
  const start = performance.now();
  const cpu = await run();
  const wall = (performance.now() - start) / 1000;
  const after = await Promise.all(hosts.map(traffic));
  const sum = (key: 'connections' | 'execs' | 'bytesIn'): number =>
    after.reduce((total, now, index) => total + now[key] - (before[index]?.[key] ?? 0), 0);
  const execs = sum('execs');
  if (execs < hosts.length) throw new Error(`only ${execs} commands ran on ${hosts.length} hosts`);
  return {
    wall,
    cpu,
    connections: sum('connections'),
    execs,
    megabytes: sum('bytesIn') / 1e6,
  };
}

/** Runs a shell command to its end; the CPU seconds of all its children, by the shell's own account. */
export async function shellCpu(command: string, env: Record<string, string> = {}): Promise<number> {
  const child = spawn(
    'bash',
    ['-c', `set -o pipefail; TIMEFORMAT='%U %S'; { time { ${command}; } ; } 2>&1`],
    {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let output = '';
  child.stdout.on('data', (bytes: Buffer) => (output += bytes.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  const times = /([\d.]+) ([\d.]+)\s*$/.exec(output);
  if (code !== 0 || !times) throw new Error(`exit code ${code}: ${output.slice(0, 4000)}`);
  return Number(times[1]) + Number(times[2]);
}

const TICKS_PER_SECOND = 100;

/** CPU seconds that a process used so far. */
export async function cpuOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** The most memory that a process ever had resident, in MB. */
export async function peakMemoryOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1000;
}
