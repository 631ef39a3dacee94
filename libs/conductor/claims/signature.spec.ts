import { describe, expect, it } from 'vitest';
import { commonMessage, signatureOf } from './signature.ts';

const HOST = { name: 'web07.dc1.example.com', address: '10.20.0.7:22' };

describe('what of a message could differ from host to host is taken out', () => {
  it.each([
    ['web07.dc1.example.com: no space left', '<host>: no space left'],
    ['web07: no space left', '<host>: no space left'],
    ['WEB07.dc1.example.com said no', '<host> said no'],
    ['web070 is another host', 'web<n> is another host'],
    ['myweb07.dc1.example.com is another host', 'myweb<n>.dc<n>.example.com is another host'],
    ['10.20.0.7:22 refused', '<host> refused'],
    ['10.20.0.7 refused', '<host> refused'],
    ['connect ETIMEDOUT 192.168.4.20:2222', 'connect ETIMEDOUT <address>'],
    ['connect to [fe80::5054:ff:fe12:3456%eth0]:22', 'connect to <address>'],
    ['no route to 2001:db8::7', 'no route to <address>'],
    ['card 52:54:00:ab:cd:ef is down', 'card <address> is down'],
    ['checksum: got 0123456789abcdef', 'checksum: got <digest>'],
    [`checksum: got sha256:${'ab'.repeat(31)}01`, 'checksum: got <digest>'],
    ['go.sum: h1:WqVZo8hH4jP2mZqQ9k0mO3WbXqJ0yS6sT7l1f6Y0m8k=', 'go.sum: <digest>'],
    ['key SHA256:WqVZo8hH4jP2mZqQ9k0mO3WbXqJ0yS6sT7l1f6Y0m8k', 'key <digest>'],
    ['/opt/gofleet/go/1.21.5-0a1b2c3d4e5f/bin is gone', '/opt/gofleet/go/<n>-<digest>/bin is gone'],
    ['before/01JABCDEFGHJKMNPQRSTVWXYZ0.json is gone', 'before/<id>.json is gone'],
    ['cannot write /tmp/go-build81231/b001: full', 'cannot write /tmp/<path>: full'],
    ['no answer after 30s', 'no answer after <time>'],
    ['no answer after 1m30.5s', 'no answer after <time>'],
    ['no answer after 250 ms', 'no answer after <time>'],
    ['no answer after 2 minutes', 'no answer after <time>'],
    ['since 2026-11-23T10:00:00.123Z', 'since <time>'],
    ['2026/11/23 10:00:00 panic', '<time> panic'],
    ['10 bytes free', '<size> free'],
    ['1.5 GB free', '<size> free'],
    ['92 % used', '<n> % used'],
    ['expected go1.21.5, found go1.20', 'expected go<n>, found go<n>'],
    ['pid 4711 holds the lock', 'pid <n> holds the lock'],
    ['two\n  lines', 'two lines'],
  ])('%s -> %s', (message, common) => {
    expect(commonMessage(message, HOST)).toBe(common);
  });

  it.each([
    ['the exit code of a command stays', 'exit code 127', 'exit code 1'],
    ['words that look like digests stay', 'facade failed', 'decade failed'],
    ['the file stays', 'no such file: /etc/go.env', 'no such file: /etc/profile'],
  ])('%s', (_, one, other) => {
    expect(commonMessage(one, HOST)).not.toBe(commonMessage(other, HOST));
  });
});

it('is the same for hosts that fail alike, and another for another code or another fault', () => {
  const other = { name: 'db2', address: '[2001:db8::2]:22' };
  const one = signatureOf('disk', 'web07.dc1.example.com: 10 bytes free, 30 MB needed', HOST);
  expect(one).toMatch(/^disk-[\da-f]{8}$/);
  expect(signatureOf('disk', 'db2: 8.1 kB free, 29.5 MB needed', other)).toBe(one);
  expect(signatureOf('inodes', 'db2: 8.1 kB free, 29.5 MB needed', other)).not.toBe(one);
  expect(signatureOf('disk', 'db2: the file system is read-only', other)).not.toBe(one);
});

it('is quick however long and odd a message is', () => {
  const began = performance.now();
  for (const part of ['1', 'a', ':', 'f:', '1.', ' ', '/tmp/'])
    commonMessage(part.repeat(100_000), HOST);
  expect(performance.now() - began).toBeLessThan(200);
});
