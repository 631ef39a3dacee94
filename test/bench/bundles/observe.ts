import { spawn } from 'node:child_process';
import { MAIN } from '../../stack/index.ts';
import { peakMemoryOf } from '../measure.ts';

/** What one run of a program took. */
export interface Observed {
  seconds: number;
  /** The most memory that it had resident, in MB; without that of its children. */
  megabytes: number;
}

const EVERY_MS = 50;

/** Runs the gofleet command line to its end, as a person would, and watches its memory. */
export function observeCli(args: string[], env: Record<string, string> = {}): Promise<Observed> {
  return observe(process.execPath, [MAIN, ...args], { env });
}

export interface ObserveOptions {
  env?: Record<string, string>;
  cwd?: string;
}

/** Runs a program to its end. Throws with what it said where that is not 0. */
export async function observe(
  program: string,
  args: string[],
  { env = {}, cwd }: ObserveOptions = {},
): Promise<Observed> {
  const start = performance.now();
  const child = spawn(program, args, {
    env: { ...process.env, ...env },
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  const hear = (bytes: Buffer): void => void (said = `${said}${bytes.toString()}`.slice(-4000));
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  let megabytes = 0;
  // the peak only grows: the last look before the end is the one that counts
  const look = setInterval(() => {
    void peakMemoryOf(child.pid ?? 0).then(
      (now) => (megabytes = Math.max(megabytes, now)),
      () => undefined,
    );
  }, EVERY_MS);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  clearInterval(look);
  if (code !== 0) throw new Error(`${program} ${args.join(' ')}: exit ${code}: ${said}`);
  return { seconds: (performance.now() - start) / 1000, megabytes };
}

export function show(what: string, { seconds, megabytes }: Observed): void {
  const memory = megabytes > 0 ? `  peak memory ${megabytes.toFixed(0).padStart(4)} MB` : '';
  console.log(`  ${what.padEnd(56)} ${seconds.toFixed(1).padStart(6)} s${memory}`);
}
