import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { parseAllowedSigners } from './allowed-signers.ts';
import { parseRevokedKeys, type IsRevoked } from './revoked-keys.ts';
import { judgeSignature, type SigningPolicy } from './trust.ts';

const folder = mkdtempSync(join(tmpdir(), 'gofleet-signature-'));
afterAll(() => rmSync(folder, { recursive: true }));

const MESSAGE = Buffer.from('{"schema":1,"name":"go-1.21.5"}\n');
const NOW = Date.UTC(2026, 10, 23);
const NOBODY = () => false;

/** Keys and signatures are ssh-keygen's own. */
function keygen(...args: string[]): void {
  execFileSync('ssh-keygen', args, { cwd: folder, stdio: 'ignore' });
}

function makeKey(name: string, type = 'ed25519', bits?: string): string {
  keygen('-q', '-t', type, ...(bits ? ['-b', bits] : []), '-N', '', '-C', name, '-f', name);
  return readFileSync(join(folder, `${name}.pub`), 'utf8').trim();
}

let signed = 0;
function sign(name: string, namespace = 'gofleet-bundle', ...more: string[]): string {
  const file = join(folder, `message-${++signed}`);
  writeFileSync(file, MESSAGE);
  keygen('-Y', 'sign', '-n', namespace, '-f', name, ...more, file);
  return readFileSync(`${file}.sig`, 'utf8');
}

function policy(signers: string, isRevoked: IsRevoked = NOBODY): SigningPolicy {
  return { mode: 'require', signers: parseAllowedSigners(signers), isRevoked };
}

const release = makeKey('release');
const signature = sign('release');

test.each([
  ['ed25519', undefined],
  ['rsa', '3072'],
  ['ecdsa', '256'],
  ['ecdsa', '384'],
  ['ecdsa', '521'],
])('a signature of ssh-keygen by a key of the kind %s %s is good', (type, bits) => {
  const name = `${type}-${bits}`;
  const key = makeKey(name, type, bits);
  for (const hash of ['sha256', 'sha512']) {
    const armoured = sign(name, 'gofleet-bundle', '-O', `hashalg=${hash}`);
    const trust = judgeSignature(MESSAGE, armoured, policy(`ops@example.com ${key}`), NOW);
    expect(trust).toMatchObject({ state: 'trusted', signer: 'ops@example.com' });
    const other = Buffer.from(MESSAGE.toString().replace('5', '6'));
    expect(() => judgeSignature(other, armoured, policy(`ops ${key}`), NOW)).toThrow(
      'is not the one that was signed',
    );
  }
});

test('the fingerprint is the one that ssh-keygen shows', () => {
  const shown = execFileSync('ssh-keygen', ['-l', '-f', 'release.pub'], { cwd: folder });
  const trust = judgeSignature(MESSAGE, signature, policy(`a ${release}`), NOW);
  expect(shown.toString()).toContain(trust.state === 'trusted' ? trust.fingerprint : 'none');
});

test.each([
  ['another key', () => `a ${makeKey('stranger')}`, 'none of the allowed signers'],
  ['not valid yet', () => `a valid-after="20261124Z" ${release}`, 'not valid at this time'],
  ['not valid any more', () => `a valid-before="202611221200Z" ${release}`, 'not valid at this'],
  ['for another namespace', () => `a namespaces="git,file" ${release}`, 'none of the allowed'],
])('a key that is %s is not trusted', (_, signers, message) => {
  expect(() => judgeSignature(MESSAGE, signature, policy(signers()), NOW)).toThrow(message);
});

test.each([
  `ops@example.com namespaces="gofleet-bundle",valid-after="20260101Z",valid-before="20270101Z" ${release}`,
  `"ops@example.com,dev@example.com" namespaces="git,gofleet-*" ${release} a comment`,
  `# people\n\n  * ${release}`,
  `old valid-before="20200101" ${release}\nnew valid-after="20200101" ${release}`,
])('%s is an allowed signer', (signers) => {
  expect(judgeSignature(MESSAGE, signature, policy(signers), NOW)).toMatchObject({
    state: 'trusted',
  });
});

test.each([
  [`ops ${release.replace('ssh-ed25519', 'ssh-rsa')}`, 'the key is of the kind ssh-ed25519'],
  [`ops`, 'expected principals'],
  [`ops valid-before="soon" ${release}`, 'is no time'],
  [`ops unknown ${release}`, 'is not known'],
  [`ops cert-authority ${release}`, 'certificates are not supported'],
  [`ops ssh-ed25519 AAAA`, 'middle of a field'],
])('the line %s is an error that names it', (line, message) => {
  expect(() => parseAllowedSigners(`# first\n${line}`)).toThrow(new RegExp(`line 2: .*${message}`));
});

test('a signature for something else than bundles is none', () => {
  const other = sign('release', 'file');
  expect(() => judgeSignature(MESSAGE, other, policy(`a ${release}`), NOW)).toThrow('for "file"');
});

test.each([
  ['empty', ''],
  ['without its end', signature.slice(0, -40)],
  ['cut', signature.replace(/\n[^\n]+\n-----END/, '\n-----END')],
  ['no base64', signature.replace(/^[^-].*$/m, '!!!!')],
])('a signature that is %s is named as one that cannot be read', (_, armoured) => {
  expect(() => judgeSignature(MESSAGE, armoured, policy(`a ${release}`), NOW)).toThrow(
    'cannot be read',
  );
});

test('every single changed bit of a signature makes it bad', () => {
  const [, body = ''] = /-----\n([^-]+)\n-----/.exec(signature) ?? [];
  const bytes = Buffer.from(body, 'base64');
  for (let bit = 0; bit < bytes.length * 8; bit += 3) {
    const changed = Buffer.from(bytes);
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    const armoured = signature.replace(body, changed.toString('base64'));
    expect(() => judgeSignature(MESSAGE, armoured, policy(`a ${release}`), NOW)).toThrow();
  }
});

test('keys are revoked by a list of ssh-keygen, by a list of keys and by a fingerprint', () => {
  makeKey('other');
  keygen('-k', '-f', 'krl', 'release.pub', 'other.pub');
  keygen('-k', '-f', 'krl-other', 'other.pub');
  writeFileSync(join(folder, 'hashes'), `hash: ${fingerprint('release')}\n`);
  keygen('-k', '-f', 'krl-hash', 'hashes');
  const lists = {
    krl: readFileSync(join(folder, 'krl')),
    hashes: readFileSync(join(folder, 'krl-hash')),
    keys: Buffer.from(`# gone\n${release}\n`),
    fingerprint: Buffer.from(`${fingerprint('release')}\n`),
  };
  for (const list of Object.values(lists))
    expect(() =>
      judgeSignature(MESSAGE, signature, policy(`a ${release}`, parseRevokedKeys(list)), NOW),
    ).toThrow('is revoked');
  const others = parseRevokedKeys(readFileSync(join(folder, 'krl-other')));
  expect(judgeSignature(MESSAGE, signature, policy(`a ${release}`, others), NOW)).toMatchObject({
    state: 'trusted',
  });
  expect(() => parseRevokedKeys(Buffer.from('nonsense'))).toThrow('line 1 is no public key');
  expect(() => parseRevokedKeys(lists.krl.subarray(0, 60))).toThrow('middle of a field');
});

function fingerprint(name: string): string {
  const shown = execFileSync('ssh-keygen', ['-l', '-f', `${name}.pub`], { cwd: folder });
  return shown.toString().split(' ')[1] ?? '';
}

test('the policy says what becomes of a bundle that is not signed', () => {
  const strict = policy(`a ${release}`);
  const codeOf = (mode: SigningPolicy['mode']) =>
    judgeSignature(MESSAGE, null, { ...strict, mode }, NOW);
  expect(() => codeOf('require')).toThrow('is not signed');
  expect(codeOf('warn')).toMatchObject({ state: 'untrusted', code: 'signature_missing' });
  expect(codeOf('off')).toEqual({ state: 'unchecked' });
});
