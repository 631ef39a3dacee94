import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { array, constantFrom, sample } from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { graphText, listJson, loadInventory, matchHosts, type Inventory } from '#inventory';
import { askAnsible, type Answer } from './ansible.ts';

const CASES = join(import.meta.dirname, 'cases');
const names = readdirSync(CASES).toSorted();

/** Each case holds one `inventory`, a file with some ending or a folder. */
const paths = new Map(
  names.map((name) => [name, join(CASES, name, inventoryOf(join(CASES, name)))]),
);

const PATTERNS = [
  'all',
  '*',
  'ungrouped',
  'web',
  'web:db',
  'web,db',
  'db:web',
  'web:&site',
  'all:!web',
  '!web',
  '&web',
  'all:!web*',
  'w*',
  'w1',
  'web1,all',
  '~w\\d+',
  '~(db|web)[0-9]',
  'web[0]',
  'web[-1]',
  'web[0:1]',
  'web[1:]',
  'web[0:0]',
  'all[1:3]',
  'all[2:1]',
  'h?',
  'h[12]',
  'h[!1]',
  '*.example.com',
  '*.example.com[0:1]',
  'nothing',
  'nothing:h1',
  'h1:h2:!h1',
  'h1 : h2',
  'web[01:02].example.com',
  '10.0.*',
  '2001:db8::2',
  'd*:&db',
];

const ODD_PIECES = [
  ...'1 0 7 a x e True None " \' \\ # = [ ] { } ( ) , : . - + _ 0x 1e b u r n yes é'.split(' '),
  ' ',
  '	',
];

describe('ansible-inventory', () => {
  const answers = new Map<string, Answer>();

  beforeAll(() => {
    const asked = askAnsible([...paths.values()].map((path) => ({ path, patterns: PATTERNS })));
    for (const [index, answer] of asked.entries()) answers.set(names[index] ?? '', answer);
  });

  it('knows enough cases', () => {
    expect(names.length).toBeGreaterThanOrEqual(30);
    for (const { list } of answers.values()) expect(list.warnings).not.toMatch(/Failed to parse/);
  });

  it.each(names)('%s: --list', async (name) => {
    const inventory = await loadInventory(paths.get(name) ?? '');
    const ours = JSON.stringify(listJson(inventory));
    expect(parse(ours)).toEqual(parse(answers.get(name)?.list.text ?? ''));
  });

  it.each(names)('%s: --graph', async (name) => {
    const inventory = await loadInventory(paths.get(name) ?? '');
    expect(graphText(inventory)).toBe(answers.get(name)?.graph.text?.trimEnd());
  });

  it.each(names)('%s: patterns', async (name) => {
    const inventory = await loadInventory(paths.get(name) ?? '');
    for (const pattern of PATTERNS) {
      const theirs = answers.get(name)?.patterns[pattern];
      const ours = matched(inventory, pattern);
      if (!orderVaries(inventory)) expect([pattern, ours]).toEqual([pattern, theirs]);
      else if (!pattern.endsWith(']')) expect(sorted(ours)).toEqual(sorted(theirs));
    }
  });
});

it('reads a thousand odd values of INI as Ansible does', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gofleet-values-'));
  const path = join(folder, 'inventory');
  const piece = constantFrom(...ODD_PIECES);
  const value = array(piece, { maxLength: 9 }).map((pieces) => pieces.join(''));
  const lines = sample(value, { numRuns: 1000, seed: 7 }).map((text, n) => `v${n}=${text}`);
  writeFileSync(path, `[web]\nhost\n[web:vars]\n${lines.join('\n')}\n`);
  try {
    const [answer] = askAnsible([{ path, patterns: [] }]);
    const ours = JSON.stringify(listJson(await loadInventory(path)));
    expect(parse(ours)).toEqual(parse(answer?.list.text ?? ''));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

function inventoryOf(folder: string): string {
  return readdirSync(folder).find((name) => /^inventory(\.|$)/.test(name)) ?? 'inventory';
}

/** The same shape as Ansible's answer; only that there is an error is compared, not its words. */
function matched(inventory: Inventory, pattern: string): unknown {
  try {
    return matchHosts(inventory, pattern).names;
  } catch {
    return { error: expect.any(String) };
  }
}

/** Ansible walks groups below the first level in no fixed order; gofleet in the order of the file. */
function orderVaries(inventory: Inventory): boolean {
  const parents = [...inventory.groups.values()].filter(
    ({ name, children }) => name !== 'all' && children.size > 0,
  );
  return parents.length > 1;
}

function sorted(value: unknown): unknown {
  return Array.isArray(value) ? value.map(String).toSorted() : value;
}

/** Integers over 2^53 keep their digits. */
function parse(text: string): unknown {
  const reviver = (_key: string, value: unknown, context?: { source?: string }): unknown =>
    typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)
      ? context?.source
      : value;
  return JSON.parse(text, reviver);
}
