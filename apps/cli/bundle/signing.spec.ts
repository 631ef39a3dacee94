import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBundle } from '#bundle';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../../test/cli/run.ts';
import { syntheticBundle } from '../../../test/stack/synthetic-bundle.ts';

const folder = mkdtempSync(join(tmpdir(), 'gofleet-signing-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);
const signers = at('allowed_signers');

beforeAll(async () => {
  cpSync(await syntheticBundle({ versions: ['1.21.5'] }), at('bundle'), { recursive: true });
  execFileSync('tar', ['-cf', at('bundle.gofleet'), '.'], { cwd: at('bundle') });
  for (const key of ['release', 'stranger'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', at(key)]);
  const key = readFileSync(at('release.pub'), 'utf8');
  writeFileSync(signers, `ops@example.com namespaces="gofleet-bundle" ${key}`);
});

describe.each(['bundle', 'bundle.gofleet'])('a bundle as %s', (name) => {
  const verify = (...flags: string[]) => run(['bundle', 'verify', at(name), ...flags]);

  it('is refused where a signature is asked for and there is none', async () => {
    expect((await verify()).code).toBe(0);
    const { code, stdout } = await verify('--allowed-signers', signers);
    expect(stdout).toContain('manifest.json.sig: the bundle is not signed (signature)');
    expect(code).toBe(1);
  });

  it('is signed, keeps its digest and all its bytes, and says by whom', async () => {
    const before = await openBundle(at(name));
    const signed = await run(['bundle', 'sign', at(name), '--key', at('release')]);
    expect(signed).toMatchObject({ code: 0, stdout: expect.stringContaining('signed by SHA256:') });
    expect((await openBundle(at(name))).digest).toBe(before.digest);
    const { code, stdout } = await verify('--allowed-signers', signers);
    expect(stdout).toContain('signed by ops@example.com (SHA256:');
    expect(code).toBe(0);
  });

  it('is verified by a person who has ssh-keygen and sha256sum alone', () => {
    const unpacked = mkdtempSync(at('unpacked-'));
    if (name.endsWith('.gofleet')) execFileSync('tar', ['-xf', at(name), '-C', unpacked]);
    else cpSync(at(name), unpacked, { recursive: true });
    execFileSync('sha256sum', ['-c', '--quiet', 'SHA256SUMS'], { cwd: unpacked });
    const who = ['-I', 'ops@example.com', '-n', 'gofleet-bundle'];
    const args = ['-Y', 'verify', '-f', signers, ...who, '-s', join(unpacked, 'manifest.json.sig')];
    const said = execFileSync('ssh-keygen', args, {
      input: readFileSync(join(unpacked, 'manifest.json')),
    });
    expect(said.toString()).toContain('Good "gofleet-bundle" signature for ops@example.com');
  });

  it('is refused when its key was revoked, and when somebody else signed it anew', async () => {
    writeFileSync(at('revoked'), readFileSync(at('release.pub')));
    const revoked = await verify('--allowed-signers', signers, '--revoked-keys', at('revoked'));
    expect(revoked).toMatchObject({ code: 1, stdout: expect.stringContaining('is revoked') });
    await run(['bundle', 'sign', at(name), '--key', at('stranger')]);
    const other = await verify('--allowed-signers', signers);
    expect(other.stdout).toContain('none of the allowed signers');
    expect(other.code).toBe(1);
    expect((await verify()).code).toBe(0);
  });

  it('that was changed after it was signed is not good, whoever may sign', async () => {
    const changed = mkdtempSync(at('changed-'));
    if (name.endsWith('.gofleet')) execFileSync('tar', ['-xf', at(name), '-C', changed]);
    else cpSync(at(name), changed, { recursive: true });
    const manifest = join(changed, 'manifest.json');
    writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('synthetic', 'pathetic'));
    const { code, stdout } = await run(['bundle', 'verify', changed]);
    expect(stdout).toContain('the manifest is not the one that was signed');
    expect(code).toBe(1);
  });
});

it('an agent signs where the file is a public key', async () => {
  const agent = execFileSync('ssh-agent', ['-s']).toString();
  const env = {
    SSH_AUTH_SOCK: /SSH_AUTH_SOCK=([^;]+)/.exec(agent)?.[1],
    SSH_AGENT_PID: /SSH_AGENT_PID=(\d+)/.exec(agent)?.[1],
  };
  try {
    execFileSync('ssh-add', ['-q', at('release')], { env: { ...process.env, ...env } });
    cpSync(at('release.pub'), at('only.pub'));
    const args = ['bundle', 'sign', at('bundle'), '--key', at('only.pub')];
    expect((await run(args, { ...process.env, ...env })).code).toBe(0);
    const verified = await run(['bundle', 'verify', at('bundle'), '--allowed-signers', signers]);
    expect(verified.code).toBe(0);
  } finally {
    process.kill(Number(env.SSH_AGENT_PID));
  }
});

it.each([
  [['bundle', 'sign', at('bundle'), '--key', at('none')], 'did not sign with'],
  [['bundle', 'verify', at('bundle'), '--allowed-signers', at('none')], 'cannot be read'],
  [['bundle', 'verify', at('bundle'), '--revoked-keys', signers], 'says nothing without'],
])('%s is wrong use', async (words, message) => {
  const { code, stderr } = await run(words);
  expect(stderr).toContain(message);
  expect(code).toBe(2);
});
