import type { Actor, Simulation, SimulationBody } from '#api';
import type { Conductor } from '#conductor';
import { GofleetError } from '#errors';
import { simulateInThread } from './in-thread.ts';

/** Hosts of all runs together that one simulation may work on. */
export const MOST_HOSTS = 20_000;
/** Hosts of all runs together, where the number of runs is not said. */
const ENOUGH_HOSTS = 3000;
const ENOUGH_RUNS = 100;

/** Simulations of one controller. */
export interface Simulator {
  /** Throws what is wrong with the plan, `invalid_request` for too much work, `unavailable` while another one runs. */
  simulate(by: Actor, body: SimulationBody): Promise<Simulation>;
}

/** One simulation at a time, in a thread of its own: the controller has other things to do. */
export function createSimulator(conductor: Pick<Conductor, 'sketchPlan'>): Simulator {
  let busy = false;
  return {
    async simulate(by, body) {
      if (busy) throw anotherRuns();
      busy = true;
      try {
        const { plan, limit } = body;
        const text = typeof plan === 'string' ? plan : JSON.stringify(plan);
        const format = typeof plan === 'string' ? 'yaml' : 'json';
        const sketch = await conductor.sketchPlan(by, { text, format, limit });
        const runs = runsOf(body, sketch.planned);
        return await simulateInThread({ sketch, body: { ...body, runs } });
      } finally {
        busy = false;
      }
    },
  };
}

function runsOf({ runs }: SimulationBody, hosts: number): number {
  const most = Math.floor(MOST_HOSTS / hosts);
  if (most === 0 || (runs ?? 0) > most) throw tooMuch(hosts, most);
  return runs ?? Math.max(1, Math.min(ENOUGH_RUNS, Math.floor(ENOUGH_HOSTS / hosts)));
}

function tooMuch(hosts: number, most: number): GofleetError {
  const message = `one simulation works on at most ${MOST_HOSTS} hosts in all its runs together, the plan has ${hosts}`;
  return new GofleetError('invalid_request', message, {
    remedy:
      most === 0
        ? 'Narrow the plan with `limit`.'
        : `Ask for at most ${most} runs, or narrow the plan with \`limit\`.`,
    errors: [{ path: 'runs', message: `at most ${most} for ${hosts} hosts` }],
  });
}

function anotherRuns(): GofleetError {
  return new GofleetError('unavailable', 'another plan is being simulated', {
    remedy: 'Ask again when that has ended, in a minute or two at most.',
  });
}
