import { array, assert, constantFrom, property, shuffledSubarray } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchHosts, parseInventory } from '#inventory';
import { splitPattern } from './pattern.ts';

const INVENTORY = parseInventory(
  `
lonely
[web]
web[1:5]
[db]
db1
web5
[dc1]
web1
web2
db1
[site:children]
web
db
`,
  { name: 'hosts' },
);

describe('patterns', () => {
  it.each([
    ['all', 'lonely web1 web2 db1 web3 web4 web5'],
    ['web:db', 'web1 web2 web3 web4 web5 db1'],
    ['db,web', 'db1 web5 web1 web2 web3 web4'],
    ['web:&dc1', 'web1 web2'],
    ['web:!db', 'web1 web2 web3 web4'],
    ['!db:web:&dc1', 'web1 web2'],
    ['&dc1', 'web1 web2 db1'],
    ['!site', 'lonely'],
    ['w*3', 'web3'],
    ['web[0:2]', 'web1 web2 web3'],
    ['web[-1]', 'web5'],
    ['web[3:]', 'web4 web5'],
    ['web[13]', undefined],
    ['~web[24]', 'web2 web4'],
    ['~(?i)WEB1', 'web1'],
    ['~(?P<x>d)b\\d', 'db1'],
    ['web1 : db1', 'web1 db1'],
    ['@retry.txt', 'web2 db1'],
    ['@retry.txt:!db', 'web2'],
    ['~[', undefined],
    ['@missing', undefined],
    ['web:!', undefined],
  ])('%s', (pattern, names) => {
    const readList = (name: string): string => {
      if (name === 'retry.txt') return 'web2\n\ndb1\n';
      throw new Error(name);
    };
    const match = (): string => matchHosts(INVENTORY, pattern, { readList }).names.join(' ');
    if (names === undefined) expect(match).toThrow();
    else expect(match()).toBe(names);
  });

  it('tells which parts match nothing', () => {
    expect(matchHosts(INVENTORY, 'web:!quarantin:nope').unmatched).toEqual(['nope', 'quarantin']);
  });

  it.each([
    ['a:b', ['a', 'b']],
    ['a,b:c', ['a', 'b:c']],
    ['web[0:4]:db', ['web[0:4]', 'db']],
    ['2001:db8::1', ['2001:db8::1']],
    ['web[1:3].example.com', ['web[1:3].example.com']],
    [' a , , b ', ['a', 'b']],
  ])('%j falls apart into %j', (pattern, parts) => {
    expect(splitPattern(pattern)).toEqual(parts);
  });

  it('are sets: union, section and difference, whatever the order of the parts', () => {
    const group = constantFrom('web', 'db', 'dc1', 'site', 'ungrouped', 'web3');
    const hosts = (pattern: string): Set<string> => new Set(matchHosts(INVENTORY, pattern).names);
    const parts = [
      array(group, { minLength: 1, maxLength: 3 }),
      array(group, { maxLength: 2 }),
    ] as const;
    assert(
      property(...parts, array(group, { maxLength: 2 }), (adding, crossing, excluding) => {
        let wanted = new Set(adding.flatMap((name) => [...hosts(name)]));
        for (const name of crossing) wanted = keep(wanted, (each) => hosts(name).has(each));
        for (const name of excluding) wanted = keep(wanted, (each) => !hosts(name).has(each));
        const all = [...adding, ...crossing.map((n) => `&${n}`), ...excluding.map((n) => `!${n}`)];
        expect(hosts(all.join(':'))).toEqual(wanted);
        expect(hosts(all.toReversed().join(','))).toEqual(wanted);
        const { names } = matchHosts(INVENTORY, all.join(':'));
        expect(names).toHaveLength(wanted.size);
      }),
    );
  });

  it('an intersection keeps the order of what it takes from', () => {
    const names = ['web1', 'web2', 'web3', 'web4', 'web5'];
    assert(
      property(shuffledSubarray(names, { minLength: 1 }), (some) => {
        expect(matchHosts(INVENTORY, `${some.join(',')},&web`).names).toEqual(some);
      }),
    );
  });
});

function keep(names: Set<string>, test: (name: string) => boolean): Set<string> {
  return new Set([...names].filter(test));
}
