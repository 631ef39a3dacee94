import { parseKnownHosts } from '#inventory';
import { describe, expect, it } from 'vitest';
import { compareKeys, knownHostsLines, shownKey } from './compare-keys.ts';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ6IqmVJ0Yb1Pzc0b8hJvUoSB7A3nF2mZ6g0QbW1aBcD';
const OTHER = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFoL1nq8Yl7Sxw0X2Zb4c5d6e7f8g9h0i1j2k3l4m5n6';
const WEB = { name: 'web1', port: 2222, pinned: [] as string[] };

describe('compareKeys', () => {
  it.each([
    ['nothing is known', '', [], 'new'],
    ['it is the same', `[web1]:2222 ${KEY}`, [], 'known'],
    ['another one was there', `[web1]:2222 ${OTHER}`, [], 'changed'],
    ['one of two', `[web1]:2222 ${OTHER}\n[web1]:2222 ${KEY}`, [], 'known'],
    ['it is revoked', `@revoked * ${KEY}`, [], 'revoked'],
    ['another host has it', `web2 ${OTHER}`, [], 'new'],
    ['the inventory pins it', `[web1]:2222 ${OTHER}`, [KEY], 'known'],
    ['the inventory pins another', `[web1]:2222 ${KEY}`, [OTHER], 'changed'],
  ])('%s', (_, text, pinned, verdict) => {
    expect(compareKeys({ ...WEB, pinned }, [KEY], parseKnownHosts(text)).verdict).toBe(verdict);
  });

  it('compares every kind of which a key is known, and one at least', () => {
    const rsa = 'ssh-rsa AAAAB3NzaC1yc2E=';
    const verdict = (keys: string[], text: string) =>
      compareKeys(WEB, keys, parseKnownHosts(text)).verdict;
    expect(verdict([KEY, rsa], `[web1]:2222 ${KEY}`)).toBe('known');
    expect(verdict([OTHER, rsa], `[web1]:2222 ${KEY}\n[web1]:2222 ${rsa}`)).toBe('changed');
    expect(verdict([rsa], `[web1]:2222 ${KEY}`)).toBe('changed');
  });

  it('finds what it wrote itself', () => {
    for (const port of [22, 2222]) {
      const host = { ...WEB, port };
      const known = parseKnownHosts(knownHostsLines(host, [KEY]).join(''));
      expect(compareKeys(host, [KEY], known).verdict).toBe('known');
      expect(compareKeys(host, [OTHER], known)).toEqual({
        verdict: 'changed',
        expected: [shownKey(KEY)],
      });
    }
  });
});

it('keys are shown as those of ssh-keygen -l', () => {
  const known = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl';
  expect(shownKey(known)).toBe('ED25519 SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU');
});
