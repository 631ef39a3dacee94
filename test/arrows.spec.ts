import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

/** What each library may import of the others. `errors`, `units` and `document` are open to all. */
const ARROWS: Record<string, string[]> = {
  errors: [],
  units: [],
  document: [],
  inventory: [],
  rollout: ['inventory'],
  operations: [],
  ssh: ['operations'],
  threads: [],
  gomod: [],
  store: [],
  bundle: ['store', 'gomod', 'threads'],
  builder: ['bundle', 'store', 'gomod', 'threads'],
  api: ['rollout', 'operations'],
  ledger: ['api', 'rollout'],
  queue: [],
  conductor: ['ledger', 'rollout', 'inventory', 'bundle', 'store', 'operations', 'api'],
  simulator: ['conductor', 'ledger', 'rollout', 'inventory', 'store', 'api'],
};

/** Packages that one place owns. */
const OWNED: [RegExp, string[]][] = [
  [/^bullmq$|^ioredis$/, ['queue']],
  [/^ssh2$/, ['ssh']],
  [/^kysely$|^pg$|^node:sqlite$/, ['ledger']],
  [/^(node:)?child_process$|^execa$/, ['builder', 'apps']],
  [/^@nestjs\/|^fastify$|^@fastify\//, ['apps']],
];

/** A pure library: no input, no output, no clock. */
const PURE = ['rollout'];
const IO = /^(node:)?(fs|net|http|https|child_process|dns|tls|timers|sqlite|worker_threads)/;

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s[^'"]*?from\s+'([^']+)'|import\s+'([^']+)'|import\('([^']+)'\)/g;

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'))
    .map((name) => join(folder, name));
}

function imports(file: string): string[] {
  const found = readFileSync(file, 'utf8').matchAll(IMPORT);
  return [...found].map(([, from, bare, dynamic]) => from ?? bare ?? dynamic ?? '');
}

describe.each(Object.entries(ARROWS))('libs/%s', (library, allowed) => {
  const files = sources(`libs/${library}`);

  it('imports only the libraries it may', () => {
    const open = new Set([...allowed, 'errors', 'units', 'document']);
    const wrong = files.flatMap((file) =>
      imports(file)
        .filter((name) => name.startsWith('#') && !open.has(name.slice(1)))
        .map((name) => `${file}: ${name}`),
    );
    expect(wrong).toEqual([]);
  });

  it('reaches other libraries by their name, never by path', () => {
    const wrong = files.flatMap((file) =>
      imports(file)
        .filter((name) => name.startsWith('../') && !name.startsWith('./'))
        .filter((name) => join(file, '..', name).split('/')[1] !== library)
        .map((name) => `${file}: ${name}`),
    );
    expect(wrong).toEqual([]);
  });

  it('is plain TypeScript: no environment, no decorators', () => {
    const wrong = files.filter((file) => {
      const text = readFileSync(file, 'utf8');
      return (
        (library !== 'builder' && /process\.(env|argv)/.test(text)) || /^\s*@[A-Z]\w+\(/m.test(text)
      );
    });
    expect(wrong).toEqual([]);
  });
});

it('packages with an owner are imported by their owner alone', () => {
  const files = [...sources('libs'), ...sources('apps')];
  const wrong = files.flatMap((file) => {
    const [top, library] = file.split('/');
    const place = top === 'apps' ? 'apps' : (library ?? '');
    return imports(file)
      .filter((name) => OWNED.some(([what, owners]) => what.test(name) && !owners.includes(place)))
      .map((name) => `${file}: ${name}`);
  });
  expect(wrong).toEqual([]);
});

it.each(PURE)('libs/%s does no input, no output and reads no clock', (library) => {
  const wrong = sources(`libs/${library}`).flatMap((file) => {
    const clock = /Date\.now\(|new Date\(\)|performance\.now|setTimeout|Math\.random/.test(
      readFileSync(file, 'utf8'),
    );
    const io = imports(file).filter((name) => IO.test(name));
    return clock ? [...io, `${file}: clock`] : io.map((name) => `${file}: ${name}`);
  });
  expect(wrong).toEqual([]);
});
