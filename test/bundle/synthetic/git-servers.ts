import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { createServer as plainServer, connect, type AddressInfo } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { makeKey } from '../../lab/keys.ts';

/** A server of git repositories on loopback, and what a client has to be told to reach it with its credentials. */
export interface GitServer extends AsyncDisposable {
  /** What stands before a repository's path. */
  url: string;
  env: Record<string, string>;
}

/** Makes a bare repository `path.git` with one commit, tagged. */
export function makeRepository(root: string, path: string, tag: string, tree: string): string {
  const bare = join(root, `${path}.git`);
  const git = (...args: string[]): void =>
    void execFileSync('git', args, {
      cwd: tree,
      env: { ...process.env, ...AUTHOR },
      stdio: 'pipe',
    });
  git('init', '-q', '-b', 'main');
  git('add', '.');
  git('commit', '-qm', 'Begin');
  git('tag', tag);
  mkdirSync(join(bare, '..'), { recursive: true });
  git('clone', '-q', '--bare', '.', bare);
  return bare;
}

const AUTHOR = {
  GIT_AUTHOR_NAME: 'A',
  GIT_AUTHOR_EMAIL: 'a@example.com',
  GIT_COMMITTER_NAME: 'A',
  GIT_COMMITTER_EMAIL: 'a@example.com',
  GIT_AUTHOR_DATE: '2024-01-01T00:00:00Z',
  GIT_COMMITTER_DATE: '2024-01-01T00:00:00Z',
};

/** git over a real sshd, for whoever has the key. */
export async function sshServer(folder: string, root: string): Promise<GitServer> {
  const at = (name: string): string => join(folder, name);
  mkdirSync(folder, { recursive: true });
  await makeKey(at('host'), 'host');
  writeFileSync(at('authorized_keys'), `${await makeKey(at('key'), 'client')}\n`);
  const port = await freePort();
  const rows = [
    `ListenAddress 127.0.0.1:${port}`,
    `HostKey ${at('host')}`,
    `AuthorizedKeysFile ${at('authorized_keys')}`,
    'PidFile none',
    'UsePAM no',
    'StrictModes no',
    'PasswordAuthentication no',
  ];
  writeFileSync(at('config'), `${rows.join('\n')}\n`);
  const path = execFileSync('sh', ['-c', 'PATH=$PATH:/usr/sbin command -v sshd']).toString().trim();
  if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true });
  const sshd = spawn(path, ['-D', '-e', '-f', at('config')], { stdio: 'ignore' });
  await answers(port);
  const options = `-i ${at('key')} -F none -o UserKnownHostsFile=/dev/null -o StrictHostKeyChecking=no`;
  return {
    url: `ssh://${userInfo().username}@127.0.0.1:${port}${root}/`,
    env: { GIT_SSH_COMMAND: `ssh ${options} -o LogLevel=ERROR` },
    [Symbol.asyncDispose]: async () => void sshd.kill(),
  };
}

/** git over https, for whoever has the password; its certificate is known to nobody but the client told of it. */
export async function httpsServer(
  folder: string,
  root: string,
  password: string,
): Promise<GitServer> {
  mkdirSync(folder, { recursive: true });
  const [key, cert] = [join(folder, 'tls.key'), join(folder, 'tls.crt')];
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const kind = ['-x509', '-newkey', 'ed25519', '-nodes', '-days', '2'];
  execFileSync('openssl', ['req', ...kind, ...subject, '-keyout', key, '-out', cert], {
    stdio: 'pipe',
  });
  const expected = `Basic ${Buffer.from(`builder:${password}`).toString('base64')}`;
  const tls = { key: readFileSync(key), cert: readFileSync(cert) };
  const server = createServer(tls, (request, response) => {
    if (request.headers.authorization !== expected) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
      return;
    }
    const [path = '', query = ''] = (request.url ?? '').split('?');
    const backend = spawn('git', ['http-backend'], {
      env: {
        PATH: process.env['PATH'],
        GIT_PROJECT_ROOT: root,
        GIT_HTTP_EXPORT_ALL: '1',
        PATH_INFO: path,
        QUERY_STRING: query,
        REQUEST_METHOD: request.method,
        CONTENT_TYPE: request.headers['content-type'] ?? '',
        HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
        HTTP_GIT_PROTOCOL: request.headers['git-protocol']?.toString() ?? '',
      },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    request.pipe(backend.stdin);
    const chunks: Buffer[] = [];
    backend.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    backend.on('close', () => {
      const said = Buffer.concat(chunks);
      const end = said.indexOf('\r\n\r\n');
      for (const row of said.subarray(0, end).toString().split('\r\n')) {
        const [name = '', value = ''] = row.split(': ');
        if (name === 'Status') response.statusCode = Number.parseInt(value, 10);
        else response.setHeader(name, value);
      }
      response.end(said.subarray(end + 4));
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const port = portOf(server.address());
  return {
    url: `https://127.0.0.1:${port}/`,
    env: { GIT_SSL_CAINFO: cert },
    [Symbol.asyncDispose]: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}

async function freePort(): Promise<number> {
  const server = plainServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const port = portOf(server.address());
  await new Promise((resolve) => void server.close(resolve));
  return port;
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === 'object' && address ? address.port : 0;
}

async function answers(port: number): Promise<void> {
  for (let left = 100; left > 0; left--) {
    const up = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => (socket.destroy(), resolve(true)));
      socket.on('error', () => resolve(false));
    });
    if (up) return;
    await pause(50);
  }
  throw new Error(`nobody listens at 127.0.0.1:${port}`);
}
