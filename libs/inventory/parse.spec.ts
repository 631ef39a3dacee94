import { describe, expect, it } from 'vitest';
import { isGofleetError, type GofleetError } from '#errors';
import { inventoryFromValue, listJson, parseInventory } from '#inventory';

function errorOf(work: () => unknown): GofleetError {
  try {
    work();
  } catch (error) {
    if (isGofleetError(error)) return error;
    throw error;
  }
  throw new Error('there was no error');
}

const deep = `all:\n  hosts:\n    h: {a: ${'['.repeat(60)}${']'.repeat(60)}}\n`;
const laughs = [
  'a: &a0 [x, x]',
  ...Array.from({ length: 30 }, (_, n) => `b${n}: &a${n + 1} [*a${n}, *a${n}]`),
];

describe('faults name the line', () => {
  it.each([
    ['a section of no kind', '[web]\nh1\n[web:hots]\n', 3, 'no known kind'],
    ['a section with a space', '[web servers]\n', 1, 'no section'],
    ['a word that is no variable', '[web]\nh1 x=1 oops\n', 2, '"oops" is no variable'],
    ['an open quote', '[web]\nh1 x="a b\n', 2, 'not closed'],
    ['a bad range', '[web]\nh[1:x]\n', 2, 'two numbers or two letters'],
    ['a child nobody declares', '[a:children]\nb\n', 2, '"b" is declared nowhere'],
    ['variables of no group', '[a:vars]\nx=1\n', 1, '[a:vars] belongs to no group'],
    ['a line of vars without =', '[a]\nh\n[a:vars]\nx\n', 4, 'no variable'],
    ['a loop', '[a:children]\nb\n[b:children]\na\n', 4, 'contains itself'],
    ['all inside a group', '[a:children]\nall\n', 2, 'contains itself'],
    ['a host that ends in a colon', '[a]\nh\nweb1: x=1\n', 3, 'ends in a colon'],
    [
      'a priority that is no number',
      '[a]\nh\n[a:vars]\nansible_group_priority=x\n',
      4,
      'no number',
    ],
    ['a tab in YAML', 'all:\n  hosts:\n\th1:\n', 3, 'no YAML'],
    ['hosts as a list', 'all:\n  hosts:\n    - h1\n', 2, '"hosts" of the group "all" is a list'],
    ['a host of numbers', 'all:\n  hosts:\n    10:\n', 3, 'host name 10 is no text'],
    [
      'Norway',
      'all:\n  hosts:\n    h1:\n  children:\n    no:\n      hosts: {h1: }\n',
      5,
      'group name false',
    ],
    ['variables that are text', 'all:\n  hosts:\n    h1: abc\n', 3, 'the text "abc"'],
    ['a YAML loop', 'a:\n  children:\n    b:\n      children:\n        a:\n', 3, 'contains itself'],
    ['an alias without anchor', 'all:\n  vars:\n    a: *nope\n', 3, '*nope'],
    ['too deep', deep, 3, 'maxDepth'],
    ['aliases that explode', `${laughs.join('\n')}\n`, 18, 'aliases expanded'],
    ['two documents', 'a:\n---\nb\n', 3, 'second YAML document'],
    ['a list', '---\n- a\n', 2, 'an inventory is a mapping'],
    ['a tag nobody knows', 'all:\n  vars:\n    a: !!binary abc\n', 3, 'binary'],
  ])('%s', (_title, text, line, message) => {
    const error = errorOf(() => parseInventory(text, { name: 'plan.inventory' }));
    expect(error.code).toBe('invalid_file');
    expect(error.message).toContain(message);
    expect(error.errors[0]).toMatchObject({ path: 'plan.inventory' });
    expect(error.errors[0]?.line).toBe(line);
    expect(error.remedy).not.toBe('');
  });

  it('counts from the line on which the text begins in its file', () => {
    const error = errorOf(() => parseInventory('[a]\nh[x\n', { name: 'plan.yml', firstLine: 12 }));
    expect(error.errors[0]?.line).toBe(13);
  });

  it.each([
    ['#!/bin/sh\necho\n', 'executable'],
    ['plugin: aws_ec2\n', 'plugin'],
    ['$ANSIBLE_VAULT;1.1;AES256\n3132\n', 'Vault'],
  ])('%j is not supported yet', (text, message) => {
    const error = errorOf(() => parseInventory(text, { name: 'hosts' }));
    expect(error.code).toBe('not_supported_yet');
    expect(error.message).toContain(message);
  });

  it('more than 5 MB is too large', () => {
    const text = '# a comment that is repeated\n'.repeat(200_000);
    expect(errorOf(() => parseInventory(text, { name: 'hosts' })).code).toBe('too_large');
  });
});

describe('inline mappings', () => {
  it('are read like YAML', () => {
    const value = { web: { hosts: { 'w[1:2]': { x: 1 } }, vars: { y: [1, { z: null }] } } };
    const text = 'web: {hosts: {"w[1:2]": {x: 1}}, vars: {y: [1, {z: null}]}}';
    expect(listJson(inventoryFromValue(value))).toEqual(
      listJson(parseInventory(text, { name: 'hosts.yml' })),
    );
  });

  it('tell the line where the caller knows it', () => {
    const lineOf = (path: readonly (string | number)[]): number => 7 + path.length;
    const error = errorOf(() => inventoryFromValue({ web: { hosts: ['a'] } }, { lineOf }));
    expect(error.errors[0]).toMatchObject({ path: 'inventory', line: 9 });
  });

  it('cannot reach the prototype', () => {
    const text = '{"all": {"hosts": {"h": {"__proto__": {"polluted": 1}}}}}';
    const inventory = inventoryFromValue(JSON.parse(text));
    expect(Object.hasOwn(inventory.hosts.get('h')?.own.vars ?? {}, '__proto__')).toBe(true);
    expect(inventory.hosts.get('h')?.own.vars['polluted']).toBeUndefined();
  });
});

it('warns of what is odd', () => {
  const text = 'web:\n  host: {h: }\n  hosts: {web: , web: , "x[3:1]": }\ndb: text\n';
  const { warnings } = parseInventory(text, { name: 'hosts' });
  expect(warnings.map(({ line, message }) => `${line} ${message}`)).toEqual([
    '3 "web" is written twice (before in line 3), the last one counts',
    '2 "host" in the group "web" is skipped: a group has hosts, children and vars; is it "hosts"?',
    '3 the range x[3:1] stands for no host',
    '4 "db" is skipped: a group is a mapping, and this is the text "text"',
    '3 "web" is both a host and a group (first met at hosts:3)',
  ]);
});
