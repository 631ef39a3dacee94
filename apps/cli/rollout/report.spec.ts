import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { canonicalJson } from '#rollout';
import { run } from '../../../test/cli/run.ts';
import { serve, type Reply } from '../../../test/cli/serve.ts';

const REPORT = { about: { name: 'Grüße' }, hosts: [{ name: 'h1', ms: 1.5 }], schema: 1 };
const SHA256 = createHash('sha256').update(canonicalJson(REPORT)).digest('hex');
const TEXT = `{"generatedAt":"2026-12-01T01:00:00.000Z","report":${canonicalJson(REPORT)},"sha256":"${SHA256}"}\n`;

async function controller(reply: Reply) {
  const { url, asked } = await serve(reply);
  return { asked, env: { GOFLEET_URL: url, GOFLEET_TOKEN: 'x' } };
}

const whole: Reply = (_, response) => response.end(TEXT);
const folder = async () => mkdtemp(join(tmpdir(), 'gofleet-report-'));

it('prints the report as it comes', async () => {
  const { env, asked } = await controller(whole);
  const { stdout, code } = await run(['rollout', 'report', '01J'], env);
  expect(stdout).toBe(TEXT);
  expect(code).toBe(0);
  expect(asked[0]?.path).toBe('/v1/rollouts/01J/report?format=json');
});

it('asks for the page to print', async () => {
  const { env, asked } = await controller(whole);
  await run(['rollout', 'report', '01J', '--format', 'html'], env);
  expect(asked[0]?.path).toBe('/v1/rollouts/01J/report?format=html');
});

it('writes a file that can be checked later, also without gofleet', async () => {
  const { env } = await controller(whole);
  const file = join(await folder(), 'report.json');
  expect((await run(['rollout', 'report', '01J', '-o', file], env)).code).toBe(0);
  expect(await readFile(file, 'utf8')).toBe(TEXT);
  const good = await run(['audit', 'check', file]);
  expect(good.stdout).toBe(`${file} is what it was: sha256 ${SHA256}\n`);
  expect(good.code).toBe(0);
  await writeFile(file, TEXT.replace('h1', 'h2'));
  const bad = await run(['audit', 'check', file, '--json']);
  expect(JSON.parse(bad.stdout)).toMatchObject({ good: false, said: SHA256 });
  expect(bad.code).toBe(1);
});

it('leaves nothing where the answer is cut off in its middle', async () => {
  const { env } = await controller((_, response) => {
    response.write(TEXT.slice(0, 20), () => response.destroy());
  });
  const place = await folder();
  const { code, stderr } = await run(
    ['rollout', 'report', '01J', '-o', join(place, 'r.json')],
    env,
  );
  expect(stderr).toContain('was not written');
  expect(code).toBe(3);
  expect(await readdir(place)).toEqual([]);
});

it('a file that is no report is an invalid file', async () => {
  const file = join(await folder(), 'report.json');
  await writeFile(file, '[]');
  const { code, stderr } = await run(['audit', 'check', file]);
  expect(stderr).toContain('cannot be read as a report');
  expect(code).toBe(2);
});
