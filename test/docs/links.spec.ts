import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';

const PAGES = globSync('{*.md,docs/**/*.md}');

it.each(PAGES)('every link of %s leads somewhere', (page) => {
  const links = readFileSync(page, 'utf8').matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g);
  const dead = [...links]
    .map(([, path]) => path ?? '')
    .filter((path) => !existsSync(join(dirname(page), path)));
  expect(dead).toEqual([]);
});
