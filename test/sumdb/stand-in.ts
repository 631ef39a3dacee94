import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import {
  formatLookup,
  formatRecord,
  hashGoMod,
  hashZip,
  logOf,
  lookupPath,
  newSignerKey,
  parseSignerKey,
  unescapePath,
  type ChecksumLog,
  type ModuleVersion,
  type SignerKey,
} from '#gomod';

/** A checksum database for tests, in the formats of the real one: over HTTP on loopback, and as files. */
export interface StandIn extends AsyncDisposable {
  /** What GOSUMDB says to use it: key and address. */
  gosumdb: string;
  /** The verifier key. */
  key: string;
  url: string;
  /** Paths it was asked for. */
  asked: string[];
  /** Records that it has. */
  size(): number;
  /** Adds records of modules with these hashes; answers the number of the first. */
  record(modules: readonly Summed[]): number;
  /** Adds records of modules that have nothing to do with a test, so that the tree becomes large. */
  grow(count: number): void;
  /** Goes on with another history from here: what came after so many records never was. */
  fork(size: number): void;
  /** What it answers instead of the truth, for the paths named. */
  lie(path: RegExp, answer: (truth: Buffer) => Buffer): void;
  /** Answers nothing any more but errors, or answers again. */
  setDown(down: boolean): void;
  /** Writes it as files, as a file:// proxy has it. */
  writeTo(proxy: string): Promise<void>;
}

export interface Summed extends ModuleVersion {
  h1: string;
  goModH1: string;
}

export async function startStandIn(name = 'sum.example.test'): Promise<StandIn> {
  const { signer, verifier } = newSignerKey(name);
  const key = parseSignerKey(signer);
  const asked: string[] = [];
  let records: string[] = [];
  let lies: [RegExp, (truth: Buffer) => Buffer][] = [];
  let down = false;
  let log: ChecksumLog | undefined;
  const answer = (path: string): Buffer | undefined => {
    if (log?.records !== records) log = logOf(records);
    const truth = read(log, key, path);
    const lie = lies.find(([pattern]) => pattern.test(path));
    return truth && lie ? lie[1](truth) : truth;
  };
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '').slice(1);
    asked.push(path);
    const body = down ? undefined : answer(path);
    response.statusCode = down ? 503 : body ? 200 : 404;
    response.end(body);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const url = `http://127.0.0.1:${port}`;
  const record = (modules: readonly Summed[]): number => {
    const first = records.length;
    records = [...records, ...modules.map((each) => formatRecord(each, each))];
    return first;
  };
  return {
    gosumdb: `${verifier} ${url}`,
    key: verifier,
    url,
    asked,
    record,
    size: () => records.length,
    grow: (count) =>
      void record(Array.from({ length: count }, (_, index) => other(records.length + index))),
    fork: (size) => {
      records = [...records.slice(0, size), `example.com/other v1.0.0 ${'h1:'.padEnd(46, 'B')}=\n`];
    },
    lie: (path, as) => void lies.push([path, as]),
    setDown: (is) => {
      down = is;
      lies = [];
    },
    writeTo: async (proxy) => {
      const below = join(proxy, 'sumdb', name);
      const tiles = logOf(records).tiles().keys();
      const files = ['supported', 'latest', ...tiles, ...records.map(pathOf)];
      for (const path of files) {
        await mkdir(dirname(join(below, path)), { recursive: true });
        await writeFile(join(below, path), answer(path) ?? '');
      }
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}

function read(log: ChecksumLog, key: SignerKey, path: string): Buffer | undefined {
  const { records } = log;
  const { note } = log.head(key);
  if (path === 'supported') return Buffer.alloc(0);
  if (path === 'latest') return Buffer.from(note);
  const id = records.findIndex((record) => pathOf(record) === path);
  const text = records[id];
  if (text !== undefined) return Buffer.from(formatLookup({ id, text }, note));
  return tile(log.tiles(), path);
}

/** Also what was a smaller tile when the tree was smaller. */
function tile(tiles: Map<string, Buffer>, path: string): Buffer | undefined {
  const [, base = path, width = '256'] = /^(.*)\.p\/(\d+)$/.exec(path) ?? [];
  return tiles.get(path) ?? tiles.get(base)?.subarray(0, Number(width) * 32);
}

function pathOf(record: string): string {
  const [path = '', version = ''] = record.split(' ');
  return lookupPath({ path, version: version.replace(/\/go\.mod$/, '') });
}

function other(number: number): Summed {
  const h1 = `h1:${Buffer.from(String(number).padStart(32)).toString('base64')}`;
  return { path: `example.com/other${number}`, version: 'v1.0.0', h1, goModH1: h1 };
}

/** The hashes of all modules of a folder of modules, as the real database would have taken them down. */
export async function sumsOf(proxy: string): Promise<Summed[]> {
  const names = (await readdir(proxy, { recursive: true })).filter((name) => name.endsWith('.zip'));
  return Promise.all(
    names.sort().map(async (name) => {
      const [path = '', version = ''] = name.slice(0, -'.zip'.length).split('/@v/');
      const base = join(proxy, name.slice(0, -'.zip'.length));
      return {
        path: unescapePath(path),
        version: unescapePath(version),
        h1: await hashZip(`${base}.zip`),
        goModH1: await hashGoMod(`${base}.mod`),
      };
    }),
  );
}
