import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openBundle, readHave, writeBundle, type OpenBundle } from '#bundle';
import { run } from '../../../test/cli/run.ts';
import { json, serve } from '../../../test/cli/serve.ts';
import { syntheticBundle } from '../../../test/stack/synthetic-bundle.ts';

let [before, after, small]: string[] = [];
let [old, next]: OpenBundle[] = [];

beforeAll(async () => {
  before = await syntheticBundle({ versions: ['1.21.5'], name: 'before' });
  after = await syntheticBundle({ versions: ['1.21.5', '1.21.6'], name: 'after' });
  [old, next] = [await openBundle(before), await openBundle(after)];
  const { stdout } = await run(['bundle', 'have', before]);
  small = join(await mkdtemp(join(tmpdir(), 'gofleet-have-')), 'small.gofleet');
  const { blobs, ...content } = next.manifest;
  const places = new Map(blobs.map(({ sha256, path }) => [sha256, join(after ?? '', path)]));
  const against = readHave(stdout, 'have.json');
  await writeBundle(content, (sha256) => places.get(sha256) ?? '', small, { against });
});

describe('bundle have', () => {
  it('prints the blobs of bundles on this disk, each once', async () => {
    const { code, stdout } = await run(['bundle', 'have', before ?? '', after ?? '']);
    expect(code).toBe(0);
    const { blobs } = readHave(stdout, 'have.json');
    expect(blobs.map(({ bundle }) => bundle)).toEqual(['before', 'after']);
    expect(blobs.map(({ sha256 }) => sha256).sort()).toEqual(
      next?.manifest.blobs.map(({ sha256 }) => sha256),
    );
  });

  it('asks the controller for all that it has, and leaves out what it lost', async () => {
    const [kept, lost] = next?.manifest.blobs ?? [];
    const bytes = await readFile(join(after ?? '', kept?.path ?? ''));
    const server = await serve(({ path }, response) => {
      if (path.startsWith('/v1/bundles?'))
        return json(response, 200, { items: [{ digest: 'd1' }], nextCursor: null });
      if (path === '/v1/bundles/d1')
        return json(response, 200, { manifest: next?.manifest, missing: [lost] });
      return path === `/v1/blobs/${kept?.sha256}`
        ? response.end(bytes)
        : response.writeHead(404).end();
    });
    const { code, stdout } = await run(['bundle', 'have', '--url', server.url]);
    expect(code).toBe(0);
    const { blobs } = readHave(stdout, 'have.json');
    expect(blobs).toMatchObject([{ sha256: kept?.sha256, size: kept?.size, bundle: 'after' }]);
    expect(blobs[0]?.parts).not.toBe('');
  });

  it('of a differential bundle is refused', async () => {
    const { code, stderr } = await run(['bundle', 'have', small ?? '']);
    expect(code).toBe(2);
    expect(stderr).toContain('is a differential bundle (usage)');
  });
});

describe('a differential bundle', () => {
  it('is shown with what it carries and what it needs', async () => {
    const inspected = await run(['bundle', 'inspect', small ?? '']);
    expect(inspected.stdout).toMatch(/^differential: carries .* needs 1 blob of the other side$/m);
    const { code, stdout } = await run(['bundle', 'verify', small ?? '']);
    expect(code).toBe(0);
    expect(stdout).toContain('needs 1 blob that the other side has of before');
    expect(stdout).toContain(old?.manifest.blobs[0]?.sha256);
  });

  it.each([
    ['no file', '/no/such/have.json', 'cannot be read (usage)'],
    ['something else', 'bundle.yaml', 'is no JSON (invalid_file)'],
  ])('is not built against %s', async (_, against, said) => {
    const folder = await mkdtemp(join(tmpdir(), 'gofleet-against-'));
    const file = join(folder, 'bundle.yaml');
    await writeFile(file, 'kind: Bundle\nname: x\n');
    const path = against.startsWith('/') ? against : file;
    const out = join(folder, 'out');
    const { code, stderr } = await run(['bundle', 'build', file, '-o', out, '--against', path]);
    expect(code).toBe(2);
    expect(stderr).toContain(said);
  });
});
