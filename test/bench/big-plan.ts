import { startStack, syntheticBundle, install, plan } from '../stack/index.ts';

const HOSTS = 10_000;

/** From the POST of a plan over 10,000 hosts (nothing listens there) to the first host that is claimed. */
export async function bigPlan(): Promise<unknown> {
  await using stack = await startStack();
  await stack.import(await syntheticBundle({ versions: ['1.21.5'] }));
  const inventory = Object.fromEntries(
    Array.from({ length: HOSTS }, (_, index) => [
      `h${index}`,
      {
        ansible_host: `127.99.${index >> 8}.${index & 255}`,
        gofleet_host_key: `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${'A'.repeat(43)}`,
      },
    ]),
  );
  const start = performance.now();
  const { id } = await stack.api.start(
    plan({
      inventory: { all: { hosts: inventory } },
      playbook: install('1.21.5'),
      strategy: { batches: [{ size: 200 }], concurrency: 50 },
      retries: { attempts: 1 },
    }),
  );
  const created = performance.now() - start;
  await stack.api.until(id, ({ counts }) => counts.queued + counts.pending < HOSTS);
  const claimed = performance.now() - start;
  await stack.api.post(`/v1/rollouts/${id}/abort`, { inflight: 'cancel' });
  console.log(
    `  ${HOSTS} hosts: created after ${created.toFixed(0)} ms, first claim seen after ${claimed.toFixed(0)} ms`,
  );
  return {
    hosts: HOSTS,
    createdMs: Math.round(created),
    firstClaimMs: Math.round(claimed),
    wanted: 'under 2 s',
  };
}
