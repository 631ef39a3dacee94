import { createCipheriv } from 'node:crypto';
import { mkdir, open, rm, statfs, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { startStack } from '../../stack/index.ts';
import { peakMemoryOf } from '../measure.ts';
import { ratio } from '../show.ts';
import { observe, observeCli, show, type Observed } from './observe.ts';

const PROJECTS = 5;
const PROJECT_BYTES = 1_000_000_000;
/** The bundle three times over: as a file, in parts and joined, or beside the folder and the store. */
const ROOM = 4 * PROJECTS * PROJECT_BYTES;
const LIMIT = 300;

/**
 * What a bundle of 5 GB takes: five projects of 1 GB that no compressor makes smaller are built into a `.gofleet`, which is
 * split, joined, verified beside `sha256sum` on the same files, and imported into a controller.
 */
export async function fiveGigabytes(work: string): Promise<unknown> {
  const { bavail, bsize } = await statfs(work);
  if (bavail * bsize < ROOM)
    throw new Error(`${work} needs ${ROOM / 1e9} GB free; TMPDIR names another place`);
  const peaks: Record<string, Observed> = {};
  const run = async (name: string, act: () => Promise<Observed>): Promise<Observed> => {
    const observed = (peaks[name] = await act());
    show(name, observed);
    return observed;
  };
  const file = join(work, 'large.gofleet');

  const source = await writeProjects(work);
  const build = ['bundle', 'build', join(source, 'bundle.yaml'), '-o', file];
  const cache = join(work, 'large-cache');
  await run('build 5 GB', () => observeCli([...build, '--cache', cache, '--no-rehearsal']));
  await rm(source, { recursive: true });
  await rm(cache, { recursive: true });

  const parts = join(work, 'parts');
  await mkdir(parts);
  await run('split into parts of 1 GB', () =>
    observeCli(['bundle', 'split', file, '--size', '1G', '-o', parts]),
  );
  await run('join', () => observeCli(['bundle', 'join', parts]));
  await rm(parts, { recursive: true });

  const folder = join(work, 'large');
  await mkdir(folder);
  await observe('tar', ['-xf', file, '-C', folder]);
  const speed = await verifySpeed(folder, run);
  await rm(folder, { recursive: true });

  await importLarge(file, run, peaks);
  await rm(file);
  for (const [name, { megabytes }] of Object.entries(peaks))
    if (megabytes > LIMIT) console.log(`    ${name}: MORE than the ${LIMIT} MB that are wanted`);
  return { peaks, wanted: `under ${LIMIT} MB each`, ...speed };
}

type Run = (name: string, act: () => Promise<Observed>) => Promise<Observed>;

/** One core each, on all of them. */
const PROGRAMS = { sha256sum: 'sha256sum', openssl: 'openssl dgst -sha256' };

/**
 * After a first look that brings all files into the page cache; of two runs in turn the better one counts. sha256sum,
 * which mostly takes several times as long, runs once.
 */
async function verifySpeed(folder: string, run: Run): Promise<object> {
  const cores = availableParallelism();
  await observe('sh', ['-c', 'cat $(find blobs -type f) > /dev/null'], { cwd: folder });
  const hash = (program: string) => () =>
    observe('sh', ['-c', `find blobs -type f -print0 | xargs -0 -n 1 -P ${cores} ${program}`], {
      cwd: folder,
    });
  const verify = () => observeCli(['bundle', 'verify', folder]);
  const runs: Record<keyof typeof PROGRAMS | 'verify', number[]> = {
    sha256sum: [],
    openssl: [],
    verify: [],
  };
  const record = async (name: keyof typeof runs, title: string, act: () => Promise<Observed>) =>
    void runs[name].push((await run(title, act)).seconds);
  await record('sha256sum', `sha256sum, ${cores} at once`, hash(PROGRAMS.sha256sum));
  for (const turn of ['', ', again']) {
    await record('openssl', `openssl dgst, ${cores} at once${turn}`, hash(PROGRAMS.openssl));
    await record('verify', `verify${turn}`, verify);
  }
  const against = (name: keyof typeof PROGRAMS, wanted: string) => {
    console.log(`    verify / ${name}:`);
    return ratio(Math.min(...runs.verify), Math.min(...runs[name]), wanted);
  };
  return {
    'verify / sha256sum': against('sha256sum', 'at most 1.2'),
    'verify / openssl': against('openssl', 'about 1: as fast as this machine hashes'),
  };
}

/** Over HTTP into a controller of its own, whose memory counts too. */
async function importLarge(file: string, run: Run, peaks: Record<string, Observed>): Promise<void> {
  const stack = await startStack();
  try {
    const url = stack.api.url;
    const env = { GOFLEET_URL: url, GOFLEET_TOKEN: stack.api.token };
    const { seconds } = await run('import', () => observeCli(['bundle', 'import', file], env));
    const megabytes = await peakMemoryOf(await stack.pid('controller'));
    const controller = (peaks['controller during the import'] = { seconds, megabytes });
    show('controller during the import', controller);
  } finally {
    await stack.stop();
    await rm(stack.data, { recursive: true, force: true });
  }
}

/** Bytes of AES in counter mode: gigabytes in seconds, and nobody finds anything in them. */
async function writeProjects(work: string): Promise<string> {
  const source = join(work, 'large-source');
  const names = Array.from({ length: PROJECTS }, (_, index) => `p${index + 1}`);
  for (const [index, name] of names.entries()) {
    await mkdir(join(source, name), { recursive: true });
    await writeFile(join(source, name, 'go.mod'), `module example.com/${name}\n\ngo 1.21\n`);
    await writeFile(join(source, name, `${name}.go`), `package ${name}\n`);
    await writeNoise(join(source, name, 'noise'), index);
  }
  await writeFile(
    join(source, 'bundle.yaml'),
    `kind: Bundle\nname: large\npacks: [{ name: default, projects: [${names.join(', ')}] }]\n`,
  );
  return source;
}

async function writeNoise(path: string, seed: number): Promise<void> {
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16, seed + 1), Buffer.alloc(16));
  const zeros = Buffer.alloc(10_000_000);
  await using file = await open(path, 'w');
  for (let done = 0; done < PROJECT_BYTES; done += zeros.length)
    await file.writeFile(cipher.update(zeros));
}
