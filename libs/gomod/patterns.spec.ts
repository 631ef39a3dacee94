import { describe, expect, it } from 'vitest';
import { matchesPrefix } from '#gomod';

describe('a list of module patterns', () => {
  it.each([
    ['corp.example', 'corp.example/a/b', true],
    ['corp.example/', 'corp.example', true],
    ['corp.example', 'corp.example.org/a', false],
    ['*.corp.example', 'git.corp.example/a', true],
    ['*.corp.example', 'corp.example/a', false],
    ['github.com/us/*', 'github.com/us', false],
    ['github.com/us/*', 'github.com/us/a/v2', true],
    ['github.com/u?', 'github.com/us', true],
    ['github.com/[a-u]s', 'github.com/us', true],
    ['github.com/[^a-t]s', 'github.com/us', true],
    ['github.com/[a-t]s', 'github.com/us', false],
    ['a.b/c', 'aXb/c', false],
    ['[', 'a', false],
    ['a.example/[z-a]', 'a.example/b', false],
    ['a.example,,b.example/x', 'b.example/x/y', true],
    ['*', 'anything.example/a', true],
    ['', 'a.example', false],
  ])('%j and %s: %s', (patterns, path, matches) => {
    expect(matchesPrefix(patterns, path)).toBe(matches);
  });
});
