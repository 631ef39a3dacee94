import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { againstOthers } from './against-others.ts';
import { bigPlan } from './big-plan.ts';
import { bundles } from './bundles.ts';
import { differential } from './differential.ts';
import { engine } from './engine.ts';
import { crashes } from './crashes.ts';
import { inventories } from './inventories.ts';
import { kills } from './kills.ts';
import { sessions } from './sessions.ts';

/** Every figure that the project gives, each as a ratio or a number of one run. */
const BENCHES = {
  'against-others': againstOthers,
  sessions,
  'big-plan': bigPlan,
  inventories,
  crashes,
  kills,
  bundles,
  differential,
  engine: (folder: string) => engine(folder, { hosts, profile: values.profile }),
};

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    out: { type: 'string' },
    hosts: { type: 'string', default: '10000' },
    profile: { type: 'string' },
  },
});
const hosts = Number(values.hosts);
const results: Record<string, unknown> = { machine: machine() };
const work = await mkdtemp(join(tmpdir(), 'gofleet-bench-'));
try {
  for (const [name, bench] of Object.entries(BENCHES)) {
    if (values.only && values.only !== name) continue;
    console.log(`\n${name}`);
    results[name] = await bench(work);
  }
} finally {
  await rm(work, { recursive: true, force: true });
}
if (values.out) await writeFile(values.out, `${JSON.stringify(results, null, 2)}\n`);
process.exit(0);

function machine(): string {
  const [cpu] = cpus();
  return `${cpus().length} x ${cpu?.model ?? '?'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`;
}
