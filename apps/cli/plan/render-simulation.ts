import type { Simulation } from '#api';

/** A simulation for people. */
export function renderSimulation(simulation: Simulation): string {
  const { name, runs, hosts, seed, assumptions, warnings } = simulation;
  return [
    `${name}: ${runs} simulated runs on ${hosts} hosts (seed ${seed})`,
    assumptions.map((each) => `  ${each}`).join('\n'),
    '',
    ...trips(simulation),
    `ends after ${simulation.duration.p50}, in one of ten runs after more than ${simulation.duration.p90}`,
    `failed by then: ${simulation.failed.p50} hosts, in one of ten runs more than ${simulation.failed.p90}`,
    `rollouts: ${simulation.states.map((each) => `${each.runs} ${each.state}`).join(', ')}`,
    `hosts of all runs: ${simulation.hostStates.map((each) => `${each.hosts} ${each.state}`).join(', ')}`,
    ...warnings.map((warning) => `warning: ${warning}`),
  ].join('\n');
}

function trips({ trips: of, runs }: Simulation): string[] {
  const { after, touched } = of;
  if (!after || !touched) return [`trips in none of ${runs} runs`];
  return [
    `trips in ${of.runs} of ${runs} runs (${Math.round(of.share * 1000) / 10}%): ` +
      of.rules.map(({ code, runs: times }) => `${times} by ${code}`).join(', '),
    `  ${of.batches.map(({ batch, runs: times }) => `${times} in batch ${batch}`).join(', ')}`,
    `  after ${after.p50}, in one of ten after more than ${after.p90}`,
    `  ${touched.p50} hosts are worked on by then, in one of ten more than ${touched.p90}`,
  ];
}
