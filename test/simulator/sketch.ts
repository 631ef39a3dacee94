import { drawingOf, sketchOf, type Sketch } from '#conductor';
import type { Host } from '#inventory';
import { planRollout, RolloutPlan } from '#rollout';

export interface HostOptions {
  name: string;
  site?: string;
  rack?: string;
}

/** A plan as if everything that it names had been read: hosts that exist in a simulation alone. */
export async function sketch(
  written: Record<string, unknown>,
  options: HostOptions[],
): Promise<Sketch> {
  const plan = RolloutPlan.parse({
    kind: 'RolloutPlan',
    name: 'simulated',
    inventory: 'simulated',
    targets: 'all',
    bundle: 'go',
    playbook: 'install-go',
    ...written,
  });
  const hosts = options.map(toHost);
  const { failureDomain } = plan.strategy;
  const planned = planRollout(
    plan,
    hosts.map((host) => ({
      ...host,
      domain: failureDomain === undefined ? undefined : textOf(host.vars[failureDomain]),
    })),
  );
  const prepared = {
    plan,
    hosts: planned.order.flatMap((place) => hosts[place] ?? []),
    planned,
    operations: [],
    blobs: [],
    trust: { state: 'unchecked' } as const,
    bundle: { name: 'go', digest: 'sha256:0' },
    excluded: [],
    leftOut: { targets: 0, limit: 0 },
    playbook: 'install-go',
    inventory: 'simulated',
    targets: 'all',
    warnings: [],
  };
  return sketchOf(drawingOf(prepared));
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function toHost({ name, site = 'default', rack }: HostOptions, number: number): Host {
  return {
    name,
    site,
    groups: [],
    vars: rack === undefined ? {} : { rack },
    connection: {
      address: `10.${Math.floor(number / 62_500)}.${Math.floor(number / 250) % 250}.${number % 250}`,
      port: 22,
      user: undefined,
      keyFile: undefined,
      password: undefined,
      become: false,
      becomeUser: 'root',
      becomePassword: undefined,
      root: undefined,
      hostKeys: [],
      jumps: [],
    },
  };
}

/** Names as `h0`, `h1`, … */
export function named(
  count: number,
  of: (number: number) => Omit<HostOptions, 'name'> = () => ({}),
) {
  return Array.from({ length: count }, (_, number) => ({ name: `h${number}`, ...of(number) }));
}
