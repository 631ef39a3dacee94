import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builderEnv, buildFrom, tidy, unpackOn } from './synthetic/build-packs.ts';
import { httpsServer, makeRepository, sshServer, type GitServer } from './synthetic/git-servers.ts';
import { publishTo, writeFiles } from './synthetic/proxy.ts';
import { WORLD } from './synthetic/world.ts';

const scratch = mkdtempSync(join(tmpdir(), 'git-'));
const PASSWORD = 'correct-horse-battery';
const repositories = join(scratch, 'repositories');
const servers: GitServer[] = [];
const env = builderEnv(scratch, join(scratch, 'proxy'));

beforeAll(async () => {
  await publishTo(join(scratch, 'proxy'), WORLD);
  for (const kind of ['ssh', 'https']) {
    const tree = join(scratch, `tree-${kind}`);
    await writeFiles(tree, {
      'go.mod': `module github.com/corp-${kind}/Private\n\ngo 1.21\n\nrequire example.com/leaf v1.0.0\n`,
      'p.go': 'package private\n\nimport _ "example.com/leaf"\n',
    });
    await tidy(tree, env);
    makeRepository(repositories, `corp-${kind}/Private`, 'v1.4.0', tree);
  }
  const [ssh, https] = [
    await sshServer(join(scratch, 'ssh'), repositories),
    await httpsServer(join(scratch, 'https'), repositories, PASSWORD),
  ];
  servers.push(ssh, https);
  const home = env['HOME'] ?? '';
  writeFileSync(
    join(home, '.gitconfig'),
    `[url "${ssh.url}corp-ssh/"]
  insteadOf = https://github.com/corp-ssh/
[url "${https.url}corp-https/"]
  insteadOf = https://github.com/corp-https/
[credential]
  helper = store
`,
  );
  writeFileSync(
    join(home, '.git-credentials'),
    `${https.url.replace('https://', `https://builder:${PASSWORD}@`)}\n`,
    { mode: 0o600 },
  );
  Object.assign(env, ssh.env, https.env, { GOPRIVATE: 'github.com/corp-*' });
});

afterAll(async () => {
  for (const server of servers) await server[Symbol.asyncDispose]();
  rmSync(scratch, { recursive: true, force: true });
});

async function project(name: string, kind: string): Promise<string> {
  const folder = join(scratch, name);
  await writeFiles(folder, {
    'go.mod': `module example.com/${name}\n\ngo 1.21\n\nrequire github.com/corp-${kind}/Private v1.4.0\n`,
    'p.go': `package p\n\nimport _ "github.com/corp-${kind}/Private"\n`,
  });
  await tidy(folder, env);
  return folder;
}

describe.each(['ssh', 'https'])('a private module from git over %s', (kind) => {
  it('is fetched with the credentials of the builder, and hosts need none', async () => {
    const name = `uses-${kind}`;
    await project(name, kind);
    const bundle = await buildFrom(scratch, `packs: [{ name: p, projects: [${name}] }]\n`, { env });
    const host = unpackOn(scratch, bundle, 'p');
    expect(host.pack.modules.map(({ path, verified }) => `${path} ${verified}`)).toContain(
      `github.com/corp-${kind}/Private go.sum`,
    );
    host.run('go vet all && go list -m all && go mod verify && go mod tidy', name);
    const everything = execFileSync('sh', ['-c', 'find . -type f -exec cat {} +; find .'], {
      cwd: join(host.modules, '..'),
      maxBuffer: 1 << 28,
    }).toString('latin1');
    for (const secret of [PASSWORD, '127.0.0.1', 'PRIVATE KEY', scratch, 'Origin'])
      expect(everything).not.toContain(secret);
  });

  it('is not fetched without them, and nothing of them is said', async () => {
    const name = `lacks-${kind}`;
    await project(name, kind);
    writeFileSync(
      join(scratch, `${kind}-config`),
      `[url "${servers[1]?.url.replace('https://', `https://builder:wrong-${PASSWORD}@`)}"]\n  insteadOf = https://github.com/\n`,
    );
    const without = {
      ...env,
      GIT_CONFIG_GLOBAL: join(scratch, `${kind}-config`),
      GIT_TERMINAL_PROMPT: '0',
      GOMODCACHE: join(scratch, `empty-${kind}`),
    };
    const options = { env: without, cache: join(scratch, `cold-${kind}`) };
    const failed = buildFrom(scratch, `packs: [{ name: p, projects: [${name}] }]\n`, options);
    const error: unknown = await failed.catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: 'go_failed' });
    expect(JSON.stringify(error)).toContain(`github.com/corp-${kind}/Private`);
    expect(JSON.stringify(error) + String(error)).not.toContain(PASSWORD);
  });
});

describe('a project with a git submodule', () => {
  const files = (folder: string): string => join(scratch, folder);
  beforeAll(async () => {
    mkdirSync(files('main'));
    const git = (...args: string[]): void =>
      void execFileSync('git', ['-c', 'protocol.file.allow=always', ...args], {
        cwd: files('main'),
        env: { ...process.env, HOME: env['HOME'] },
        stdio: 'pipe',
      });
    writeFileSync(
      join(files('main'), 'go.mod'),
      'module example.com/main\n\ngo 1.21\n\nrequire github.com/corp-ssh/Private v1.4.0\nreplace github.com/corp-ssh/Private => ./sub\n',
    );
    writeFileSync(
      join(files('main'), 'p.go'),
      'package p\n\nimport _ "github.com/corp-ssh/Private"\n',
    );
    writeFileSync(join(files('main'), '.gitignore'), '*.log\n');
    git('init', '-q');
    git('submodule', '--quiet', 'add', join(repositories, 'corp-ssh/Private.git'), 'sub');
    writeFileSync(join(files('main'), 'sub/.gitignore'), '*.tmp\n');
    for (const name of ['a.log', 'sub/b.tmp', 'sub/new.go'])
      writeFileSync(join(files('main'), name), 'package private\n');
    await tidy(files('main'), env);
  });

  it('brings its files along, without what it ignores', async () => {
    const bundle = await buildFrom(scratch, 'packs: [{ name: p, projects: [main] }]\n', { env });
    const host = unpackOn(scratch, bundle, 'p');
    expect(host.run('find . -type f | sort', 'main').trim().split('\n')).toEqual(
      ['.gitignore', '.gitmodules', 'go.mod', 'go.sum', 'p.go']
        .concat(['sub/.gitignore', 'sub/go.mod', 'sub/go.sum', 'sub/new.go', 'sub/p.go'])
        .map((name) => `./${name}`),
    );
    host.run('go vet all && go list -m all && go mod tidy', 'main');
  });

  it('that is not checked out is refused', async () => {
    execFileSync('cp', ['-r', files('main'), files('unready')]);
    rmSync(join(files('unready'), 'sub'), { recursive: true });
    mkdirSync(join(files('unready'), 'sub'));
    const failed = buildFrom(scratch, 'packs: [{ name: p, projects: [unready] }]\n', { env });
    await expect(failed).rejects.toThrow(/the git submodule .*unready\/sub is not checked out/);
  });
});
