import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { cp, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openBundle, type Manifest } from '#bundle';
import { parseSignerKey } from '#gomod';
import { beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../../test/cli/run.ts';
import { json, serve, type Reply } from '../../../test/cli/serve.ts';
import { syntheticBundle } from '../../../test/stack/synthetic-bundle.ts';

let bundle: string;
let manifest: Manifest;

beforeAll(async () => {
  bundle = await syntheticBundle({ versions: ['1.21.5', '1.21.6'] });
  ({ manifest } = await openBundle(bundle));
});

describe('bundle inspect', () => {
  it('shows toolchains and what they were checked against', async () => {
    const { code, stdout } = await run(['bundle', 'inspect', bundle]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^synthetic {2}sha256:[0-9a-f]{64}\n2 blobs, .* not signed/);
    expect(stdout).toMatch(/^1\.21\.5 +linux\/amd64 .* goroot +none$/m);
  });

  it('gives the same as JSON', async () => {
    const { stdout } = await run(['bundle', 'inspect', bundle, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ name: 'synthetic', blobs: 2 });
  });

  it('knows what is no bundle', async () => {
    const { code, stderr } = await run(['bundle', 'inspect', '/no/such/bundle']);
    expect(code).toBe(1);
    expect(stderr).toContain('/no/such/bundle is no bundle');
  });
});

describe('bundle verify', () => {
  it('ends with 0 when everything is as the manifest says', async () => {
    const { code, stdout } = await run(['bundle', 'verify', bundle]);
    expect(code).toBe(0);
    expect(stdout).toContain('good: synthetic');
  });

  it('ends with 1 and names every fault', async () => {
    const broken = `${bundle}-broken`;
    await cp(bundle, broken, { recursive: true });
    const [first, second] = manifest.blobs.map(({ path }) => join(broken, path));
    const bytes = await readFile(first ?? '');
    await writeFile(first ?? '', bytes.fill(0, 10, 11));
    await writeFile(second ?? '', 'short');
    await writeFile(join(broken, 'extra'), '');
    const { code, stdout } = await run(['bundle', 'verify', broken]);
    expect(code).toBe(1);
    expect(stdout).toContain('3 faults');
    for (const problem of ['(hash)', '(size)', '(extra)']) expect(stdout).toContain(problem);
    const answer = await run(['bundle', 'verify', broken, '--json']);
    expect(answer.code).toBe(1);
    expect(JSON.parse(answer.stdout)).toMatchObject({ good: false });
  });
});

describe('bundle diff and list', () => {
  it('say in words what changed, with 1 where something did', async () => {
    const other = await syntheticBundle({ versions: ['1.21.6', '1.22.0'] });
    const { code, stdout } = await run(['bundle', 'diff', bundle, other]);
    expect(stdout).toContain('toolchain 1.21.5 linux/amd64 removed');
    expect(stdout).toContain('toolchain 1.22.0 linux/amd64 added');
    expect(code).toBe(1);
    const same = await run(['bundle', 'diff', bundle, bundle]);
    expect(same).toMatchObject({ code: 0, stdout: expect.stringContaining('nothing changed') });
  });

  it('list every module', async () => {
    const { code, stdout } = await run(['bundle', 'list', bundle, '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toHaveLength(manifest.packs.flatMap((pack) => pack.modules).length);
  });
});

describe('bundle split and join', () => {
  it('carry a bundle in parts', async () => {
    const folder = `${bundle}-parts`;
    await mkdir(folder);
    execFileSync('tar', ['-cf', join(folder, 'go.gofleet'), '.'], { cwd: bundle });
    const out = join(folder, 'medium');
    await mkdir(out);
    const split = await run([
      'bundle',
      'split',
      join(folder, 'go.gofleet'),
      '--size',
      '100kB',
      '-o',
      out,
    ]);
    expect(split).toMatchObject({ code: 0, stdout: expect.stringContaining('.part002') });
    const back = join(folder, 'back.gofleet');
    expect((await run(['bundle', 'join', out, '-o', back])).code).toBe(0);
    expect(await readFile(back)).toEqual(await readFile(join(folder, 'go.gofleet')));
    expect((await run(['bundle', 'split', back, '--size', 'much'])).code).toBe(2);
  });
});

describe('bundle import', () => {
  /** A controller that keeps what it gets, and cuts the connection at the first PATCH of the second blob. */
  function controller(): { reply: Reply; kept: Map<string, Buffer> } {
    const kept = new Map<string, Buffer>(
      manifest.blobs.map(({ sha256 }) => [sha256, Buffer.alloc(0)]),
    );
    let cut = false;
    const isWhole = ([sha256, bytes]: [string, Buffer]) =>
      createHash('sha256').update(bytes).digest('hex') === sha256;
    const reply: Reply = ({ method, path, headers, bytes }, response) => {
      if (method === 'POST') {
        const missing = [...kept].filter((each) => !isWhole(each)).map(([sha256]) => ({ sha256 }));
        if (missing.length === 0) json(response, 201, {});
        else json(response, 409, { code: 'blobs_missing', detail: 'some', missing });
        return;
      }
      const sha256 = path.split('/').at(-1) ?? '';
      const before = kept.get(sha256) ?? Buffer.alloc(0);
      if (method === 'PATCH') {
        expect(Number(headers['upload-offset'])).toBe(before.length);
        if (!cut && sha256 === manifest.blobs[1]?.sha256) {
          // it arrived in part, and nobody was told
          cut = true;
          kept.set(sha256, bytes.subarray(0, 1000));
          response.destroy();
          return;
        }
        kept.set(sha256, Buffer.concat([before, bytes]));
      }
      const offset = kept.get(sha256)?.length ?? 0;
      response.writeHead(method === 'PATCH' ? 204 : 200, { 'upload-offset': String(offset) }).end();
    };
    return { reply, kept };
  }

  it('sends what is missing, and goes on where the connection was cut', async () => {
    const { reply, kept } = controller();
    const server = await serve(reply);
    const { code, stdout } = await run(['bundle', 'import', bundle, '--url', server.url]);
    expect(stdout).toContain('imported synthetic');
    expect(code).toBe(0);
    expect([...kept.values()].map(({ length }) => length)).toEqual(
      manifest.blobs.map(({ size }) => size),
    );
  });

  it('sends nothing that is there', async () => {
    const server = await serve((_, response) => json(response, 201, {}));
    const { code, stdout } = await run(['bundle', 'import', bundle, '--url', server.url]);
    expect(code).toBe(0);
    expect(stdout).toContain('every blob was there');
    expect(stdout).not.toContain('signed');
    expect(server.asked.map(({ method }) => method)).toEqual(['POST']);
  });

  it.each([
    [{ state: 'trusted', signer: 'ops', fingerprint: 'SHA256:x' }, 'signed by ops (SHA256:x)'],
    [{ state: 'untrusted', code: 'signature_missing', message: 'no' }, 'taken all the same: no'],
    [{ state: 'unchecked' }, 'the controller does not ask who signed it'],
  ])('says what the controller found out about who signed it: %j', async (trust, said) => {
    const server = await serve((_, response) => json(response, 201, { trust }));
    const { stdout } = await run(['bundle', 'import', bundle, '--url', server.url]);
    expect(stdout.trimEnd().endsWith(`every blob was there; ${said}`)).toBe(true);
  });

  it.each([
    [401, 'unauthorized', 4],
    [403, 'forbidden', 4],
    [422, 'bundle_invalid', 1],
  ])('%i %s ends with %i', async (status, code, exit) => {
    const server = await serve((_, response) => json(response, status, { code, detail: 'no' }));
    expect((await run(['bundle', 'import', bundle, '--url', server.url])).code).toBe(exit);
  });
});

describe('bundle remove', () => {
  it.each([
    [2, 3_000_000, '2 blobs, 3.0 MB freed'],
    [0, 0, 'other bundles have all of its blobs'],
  ])('says what went with it: %i blobs', async (blobs, size, said) => {
    const removed = { name: 'go', digest: 'abc', blobs, size };
    const server = await serve((_, response) => json(response, 200, removed));
    const { code, stdout } = await run(['bundle', 'remove', 'go', '--url', server.url]);
    expect(stdout.trim()).toBe(`removed go (sha256:abc): ${said}`);
    expect(code).toBe(0);
    expect(server.asked).toMatchObject([{ method: 'DELETE', path: '/v1/bundles/go' }]);
  });

  it('says what needs it, and ends with 1', async () => {
    const problem = { code: 'in_use', detail: 'bundle go is needed by rollout R (running)' };
    const server = await serve((_, response) => json(response, 409, problem));
    const { code, stderr } = await run(['bundle', 'remove', 'go', '--url', server.url]);
    expect(stderr).toContain('needed by rollout R');
    expect(code).toBe(1);
  });
});

describe('bundle sumdb-key', () => {
  it('writes a private key for its owner alone, and prints what hosts are to trust', async () => {
    const out = `${bundle}.sumdb.key`;
    const { code, stdout } = await run(['bundle', 'sumdb-key', 'sum.corp.example', '--out', out]);
    expect(code).toBe(0);
    const { verifier } = parseSignerKey(await readFile(out, 'utf8'));
    expect(stdout).toContain(`GOSUMDB=${verifier.text}`);
    expect(stdout).not.toContain('PRIVATE');
    expect((await stat(out)).mode & 0o777).toBe(0o600);
  });

  it('never writes over a key', async () => {
    const out = `${bundle}.other.key`;
    await writeFile(out, 'precious');
    const { code, stderr } = await run(['bundle', 'sumdb-key', 'sum.corp.example', '-o', out]);
    expect(code).toBe(2);
    expect(stderr).toContain(`${out} cannot be made`);
    expect(await readFile(out, 'utf8')).toBe('precious');
    const bad = await run(['bundle', 'sumdb-key', 'a+b', '-o', `${out}.new`]);
    expect(bad.stderr).toContain('"a+b" cannot name a checksum database');
  });
});
