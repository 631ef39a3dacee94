import type { Simulation } from '#api';
import { Option } from 'commander';
import { GofleetError } from '#errors';
import type { Cli } from '../cli.ts';
import type { ExitCode } from '../exit-code.ts';
import { readLimit } from '../rollout/limit.ts';
import { renderSimulation } from './render-simulation.ts';
import { readPlan } from './send.ts';

/** Milliseconds: the largest simulation takes a few minutes of a busy machine. */
const PATIENCE = 600_000;

/** What goes with `--simulate`. */
export interface SimulateOptions {
  limit?: string;
  failureRate?: number;
  unreachableRate?: number;
  slowRate?: number;
  correlatedBy?: string;
  duration?: { p50: string; p90: string };
  seed?: string | number;
  runs?: number;
}

/** Runs a plan on simulated hosts and says how that went; nothing else is touched. */
export async function simulateFile(
  file: string,
  options: SimulateOptions,
  cli: Cli,
): Promise<ExitCode> {
  const { failureRate, unreachableRate, slowRate, correlatedBy, duration, seed, runs } = options;
  const limit = options.limit === undefined ? undefined : await readLimit(options.limit);
  const body = {
    plan: await readPlan(file),
    limit,
    failureRate,
    unreachableRate,
    slowRate,
    correlatedBy,
    durations: duration,
    seed,
    runs,
  };
  const simulation = await cli.client.post<Simulation>('/v1/plans/simulate', body, {
    timeout: PATIENCE,
  });
  if (cli.terminal.json) cli.terminal.out(JSON.stringify(simulation));
  else cli.terminal.out(renderSimulation(simulation));
  return 0;
}

/** An option that does something with `--simulate` alone. */
export function simulating(flags: string, description: string): Option {
  const option = new Option(flags, `with --simulate: ${description}`);
  const parse = PARSERS[option.attributeName()];
  if (parse) option.argParser((text) => parse(text, flags));
  return option.implies({ simulate: true });
}

const PARSERS: Record<string, (text: string, flags: string) => unknown> = {
  failureRate: share,
  unreachableRate: share,
  slowRate: share,
  runs: (text, flags) => number(text, flags),
  seed: (text) => (/^\d{1,15}$/.test(text) ? Number(text) : text),
  duration(text, flags) {
    const [p50, p90 = p50, ...more] = text.split(',');
    if (p50 && p90 && more.length === 0) return { p50, p90 };
    throw wrong(text, flags, 'Write two durations, such as 30s,90s.');
  },
};

function share(text: string, flags: string): number {
  return text.endsWith('%') ? number(text.slice(0, -1), flags) / 100 : number(text, flags);
}

function number(text: string, flags: string): number {
  const value = text.trim() === '' ? NaN : Number(text);
  if (Number.isFinite(value)) return value;
  throw wrong(text, flags, 'Write a number.');
}

function wrong(text: string, flags: string, remedy: string): GofleetError {
  return new GofleetError('usage', `${flags}: "${text}" is not understood`, { remedy });
}
