import { isDoubtful, prepared, type Queries, type Slot } from '#ledger';
import { TASKS, type RolloutView, type Task } from '#rollout';

/** Hosts invited or claimed: all together, by what for, and forward by failure domain. */
export async function countWork(
  queries: Queries,
  { id, strategy }: Pick<RolloutView, 'id' | 'strategy'>,
): Promise<Pick<RolloutView, 'atWork' | 'working' | 'running' | 'domainsAtWork'>> {
  const rows = await workOf(queries, { rollout: id });
  const sum = (is: (row: (typeof rows)[number]) => boolean) =>
    rows.filter(is).reduce((total, { hosts }) => total + hosts, 0);
  const working = Object.fromEntries(
    TASKS.map((task) => [task, sum((row) => (row.task ?? 'forward') === task)]),
  ) as Record<Task, number>;
  const domains = Object.keys(strategy.domains).map((domain) => [
    domain,
    sum((row) => row.task === 'forward' && row.domain === domain),
  ]);
  return {
    atWork: sum(() => true),
    working,
    running: sum(({ work }) => work === 'claimed'),
    domainsAtWork: Object.fromEntries(domains) as Record<string, number>,
  };
}

/** Hosts that wait because their lease ran out: what they ended with may still come. */
export async function countDoubtful(queries: Queries, rollout: string): Promise<number> {
  const [row] = await doubtfulOf(queries, { rollout });
  return row?.hosts ?? 0;
}

const workOf = prepared((queries, slot: Slot<{ rollout: string }>) =>
  queries
    .selectFrom('rollout_hosts')
    .select(({ fn }) => ['work', 'task', 'domain', fn.countAll<number>().as('hosts')])
    .where('rollout', '=', slot('rollout'))
    .where('work', 'in', ['queued', 'claimed'])
    .groupBy(['work', 'task', 'domain']),
);

const doubtfulOf = prepared((queries, slot: Slot<{ rollout: string }>) =>
  queries
    .selectFrom('rollout_hosts')
    .select(({ fn }) => fn.countAll<number>().as('hosts'))
    .where('rollout', '=', slot('rollout'))
    .where((build) => build('expiries', '>', build.lit(0)))
    .where('state', '=', 'pending')
    .where(isDoubtful),
);
