import type { LabHost } from '../lab/index.ts';

/** What a host saw of gofleet, by the proxy in front of it and by its own sshd. */
export interface Traffic {
  connections: number;
  execs: number;
  bytesIn: number;
}

export async function traffic(host: LabHost): Promise<Traffic> {
  const [counters, log] = await Promise.all([host.counters(), host.log()]);
  return { connections: counters.connections, execs: log.execs(), bytesIn: counters.bytesIn };
}

/** Measures each host around something that is done. */
export async function trafficOf(hosts: LabHost[], act: () => Promise<unknown>): Promise<Traffic[]> {
  const before = await Promise.all(hosts.map(traffic));
  await act();
  const after = await Promise.all(hosts.map(traffic));
  return after.map((now, index) => ({
    connections: now.connections - (before[index]?.connections ?? 0),
    execs: now.execs - (before[index]?.execs ?? 0),
    bytesIn: now.bytesIn - (before[index]?.bytesIn ?? 0),
  }));
}

/** Everything that a rollout may touch on a host as root, and what `current` leads to. */
export async function footprint(host: LabHost, root = '/opt/gofleet') {
  const active = await host.run(
    `readlink -f ${root}/current ${root}/current/go ${root}/current/modules || true`,
  );
  const reached = active.stdout.split('\n').filter(Boolean);
  return host.listing(['/etc', '/usr/local', `${root}/current`, ...reached]);
}

/** Hosts with a session of gofleet open now, as the proxies see it. */
export async function atWork(hosts: LabHost[]): Promise<number> {
  const open = await Promise.all(hosts.map(async (host) => (await host.counters()).open));
  return open.filter((count) => count > 0).length;
}
