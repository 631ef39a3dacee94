import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isGofleetError } from '#errors';
import { visitHost, type Deps, type Task } from '#operations';
import {
  AllowRule,
  blobFiles,
  isAllowed,
  matchesPattern,
  memoryTransport,
  readPins,
  resolveCredentials,
  type SecretPlaces,
} from '#ssh';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ED25519 = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE9YQk1wZ0pSdUZqVWhqUmRkbFhHbWhMT0pZVGJaZVFp';

async function codeOf(run: () => unknown): Promise<string> {
  try {
    await run();
  } catch (error) {
    return isGofleetError(error) ? error.code : String(error);
  }
  return 'none';
}

describe('pins', () => {
  it.each([
    [[], 'host_key_unknown'],
    [['ssh-ed25519-cert-v01@openssh.com AAAA'], 'host_key_unsupported'],
    [['ssh-ed25519 AAAAC3NzaC1yc2E='], 'host_key_unsupported'],
    [[ED25519], 'none'],
    [['sk-ssh-ed25519@openssh.com AAAA', ED25519], 'none'],
  ])('%j: %s', async (pins, code) => {
    expect(await codeOf(() => readPins('h', pins))).toBe(code);
  });
});

describe('host patterns', () => {
  const host = { name: 'web01.example', groups: ['web', 'dc1'] };
  it.each([
    ['all', true],
    ['*', true],
    ['web', true],
    ['web01.*', true],
    ['db', false],
    ['web:&dc1', true],
    ['web:&dc2', false],
    ['all:!dc1', false],
    ['db,web0?.example', true],
    ['web01xexample', false],
  ])('%s: %s', (pattern, matches) => {
    expect(matchesPattern(pattern, host)).toBe(matches);
  });
});

describe('rules of a worker', () => {
  const rules = [
    AllowRule.parse({
      secrets: ['db'],
      keys: ['k'],
      hosts: 'web',
      networks: ['10.1.0.0/16', 'fd00::/8'],
    }),
  ];
  it.each([
    ['secrets', 'db', 'web', '10.1.2.3', true],
    ['secrets', 'db', 'web', 'fd00::1', true],
    ['secrets', 'db', 'web', '10.2.0.1', false],
    ['secrets', 'other', 'web', '10.1.2.3', false],
    ['secrets', 'db', 'db', '10.1.2.3', false],
    ['keys', 'k', 'web', '10.1.2.3', true],
    ['keys', 'db', 'web', '10.1.2.3', false],
  ] as const)('%s %s for %s at %s: %s', (kind, name, group, address, allowed) => {
    expect(isAllowed(rules, kind, name, { name: 'h', groups: [group], address })).toBe(allowed);
  });
  it('none at all allow nothing, and a network must be one', () => {
    expect(isAllowed([], 'keys', 'k', { name: 'h', groups: [], address: '127.0.0.1' })).toBe(false);
    expect(AllowRule.safeParse({ hosts: 'all', networks: ['10.0.0.0/33'] }).success).toBe(false);
  });
});

describe('credentials', () => {
  let folder: string;
  let places: SecretPlaces;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gofleet-secrets-'));
    await mkdir(join(folder, 'keys'));
    await mkdir(join(folder, 'secrets'));
    await writeFile(join(folder, 'keys/k'), 'KEY');
    await writeFile(join(folder, 'outside'), 'OUTSIDE');
    await symlink(join(folder, 'outside'), join(folder, 'keys/link'));
    await writeFile(join(folder, 'secrets/s'), 'pass word\n');
    await chmod(join(folder, 'secrets/s'), 0o600);
    places = {
      keysFolder: join(folder, 'keys'),
      secretsFolder: join(folder, 'secrets'),
      env: { GOFLEET_SECRET_A: 'from env', HOME: '/root' },
      allow: 'all',
    };
  });
  afterAll(() => rm(folder, { recursive: true }));

  const host = (connection: object) => ({
    name: 'h',
    groups: ['web'],
    connection: { address: '127.0.0.1', ...connection },
  });
  const rule = (more: object) => [
    AllowRule.parse({ hosts: 'all', networks: ['127.0.0.0/8'], ...more }),
  ];

  it('are the contents of files and variables', async () => {
    const found = await resolveCredentials(
      host({
        keyFile: 'k',
        password: 'secret:file:s',
        becomePassword: 'secret:env:GOFLEET_SECRET_A',
      }),
      places,
    );
    expect(found).toMatchObject({ address: '127.0.0.1', becomePassword: 'from env' });
    expect(found.credentials.password).toBe('pass word');
    expect(found.credentials.privateKey?.toString()).toBe('KEY');
  });

  it.each([
    [{ password: 'hunter2' }, 'all', 'plaintext_secret'],
    [{ password: 'secret:file:../keys/k' }, 'all', 'secret_missing'],
    [{ password: 'secret:file:none' }, 'all', 'secret_missing'],
    [{ password: 'secret:env:HOME' }, 'all', 'secret_missing'],
    [{ keyFile: 'none' }, 'all', 'secret_missing'],
    [{}, 'all', 'secret_missing'],
    [{ keyFile: 'k' }, [], 'secret_not_allowed'],
    [{ keyFile: 'k' }, rule({ keys: ['k'] }), 'none'],
    [{ keyFile: 'link' }, rule({ keys: ['link'] }), 'none'],
    [{ keyFile: 'link' }, rule({ keys: ['k'] }), 'secret_not_allowed'],
    [{ keyFile: '../outside' }, rule({ keys: ['k'] }), 'secret_not_allowed'],
    [{ password: 'secret:file:s' }, rule({ secrets: ['s'] }), 'none'],
    [{ password: 'secret:file:s' }, rule({ keys: ['s'] }), 'secret_not_allowed'],
  ] as const)('%j with %j: %s', async (connection, allow, code) => {
    expect(await codeOf(() => resolveCredentials(host(connection), { ...places, allow }))).toBe(
      code,
    );
  });
});

it('a blob is read from any offset, shared or alone', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gofleet-blob-'));
  const bytes = Buffer.alloc(600_000, 'abc');
  await writeFile(join(folder, 'blob'), bytes);
  for (const shareBelow of [0, 1_000_000]) {
    const files = blobFiles({ shareBelow });
    const payloads = await Promise.all(
      [0, 1, 599_999].map((at) => files.open(join(folder, 'blob'), at)),
    );
    const read = await Promise.all(
      payloads.map(async (payload) => Buffer.concat(await Array.fromAsync(payload.read()))),
    );
    expect(payloads.map(({ size }) => size)).toEqual([600_000, 599_999, 1]);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    expect(await codeOf(() => payloads[0]?.blake2b?.('0'.repeat(64)))).toBe('blob_corrupt');
    expect(await payloads[1]?.blake2b?.(sha256)).toBe(
      createHash('blake2b512').update(bytes).digest('hex'),
    );
    expect(read.every((found, at) => found.equals(bytes.subarray([0, 1, 599_999][at])))).toBe(true);
  }
  await rm(folder, { recursive: true });
});

describe('what a channel that ends oddly means', () => {
  const task: Task = {
    task: 'forward',
    rollout: 'R',
    fleet: 'F',
    epoch: 1,
    adopt: false,
    switched: false,
    operations: [],
    timeouts: { connect: 100, step: 100, host: 1000 },
    retries: { attempts: 2, backoff: 1, maxBackoff: 1 },
  };
  const deps: Omit<Deps, 'connect'> = {
    blobs: { open: () => Promise.reject(new Error('none')) },
    report: { step: () => undefined, switching: () => Promise.resolve() },
    signal: new AbortController().signal,
    maySwitch: () => true,
  };

  it.each([
    [{ code: undefined }, 'unreachable', 'cut', 2],
    [{ code: undefined, signal: 'KILL' }, 'unreachable', 'cut', 2],
    [{ code: 0 }, 'failed', 'tools', 1],
    [{ code: 0, stdout: 'gofleet-0000000000000000 end\n' }, 'failed', 'tools', 1],
    [{ code: 1, stderr: 'This account is currently not available.' }, 'failed', 'tools', 1],
    [{ code: undefined, stderr: 'This account is currently not available.' }, 'failed', 'tools', 1],
  ])('%j: %s (%s)', async (answer, state, code, attempts) => {
    const outcome = await visitHost(task, {
      ...deps,
      connect: () => Promise.resolve(memoryTransport(() => answer)),
    });
    expect(outcome).toMatchObject({ state, code, attempts, switched: false });
  });
});
