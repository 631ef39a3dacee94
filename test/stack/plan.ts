/** A plan over the lab's hosts, with what differs. */
export function plan(overrides: Record<string, unknown> & { strategy?: Record<string, unknown> }) {
  const { strategy, ...rest } = overrides;
  return {
    kind: 'RolloutPlan',
    name: 'test',
    inventory: 'lab',
    targets: 'all',
    bundle: 'synthetic',
    playbook: install('1.21.5'),
    retries: { attempts: 2, backoff: '200ms', maxBackoff: '1s' },
    timeouts: { connect: '5s', step: '60s', host: '5m', batch: '1h' },
    ...rest,
    strategy: { batches: [{ size: 100 }], concurrency: 8, ...strategy },
  };
}

/** The toolchain alone, checked by `go version`. */
export function install(version: string) {
  return {
    kind: 'Playbook',
    name: `install-${version}`,
    operations: [
      { 'go-toolchain': { version } },
      { 'go-env': { exportGoroot: true, gosumdb: 'off', gotoolchain: 'local' } },
      { 'health-check': { checks: [{ command: 'go version', expect: `go${version}` }] } },
    ],
  };
}
