import type { Published } from './proxy.ts';

const mod = (path: string, ...rows: string[]): string => `module ${path}\n\n${rows.join('\n')}\n`;

/** Tiny modules that depend on each other in every way that a pack has to follow. */
export const WORLD: Published[] = [
  ...['v1.0.0', 'v1.1.0', 'v1.2.0'].map((version) => ({
    module: `example.com/leaf@${version}`,
    files: {
      'go.mod': mod(
        'example.com/leaf',
        'go 1.21',
        ...(version === 'v1.2.0' ? ['retract v1.1.0'] : []),
      ),
      'leaf.go': `package leaf\n\nconst Version = "${version}"\n`,
    },
  })),
  {
    module: 'example.com/fork@v1.0.0',
    files: {
      'go.mod': mod('example.com/leaf', 'go 1.21'),
      'leaf.go': 'package leaf\n\nconst Version = "fork"\n',
    },
  },
  {
    module: 'example.com/testonly@v1.0.0',
    files: {
      'go.mod': mod('example.com/testonly', 'go 1.21'),
      'testonly.go': 'package testonly\n\nfunc Check() {}\n',
    },
  },
  {
    module: 'example.com/mid@v1.0.0',
    files: {
      'go.mod': mod(
        'example.com/mid',
        'go 1.21',
        'require (',
        'example.com/leaf v1.0.0',
        'example.com/testonly v1.0.0',
        ')',
      ),
      'mid.go': 'package mid\n\nimport "example.com/leaf"\n\nconst Version = leaf.Version\n',
      'mid_test.go': 'package mid\n\nimport "example.com/testonly"\n\nvar _ = testonly.Check\n',
    },
  },
  {
    module: 'example.com/deeper@v1.0.0',
    files: {
      'go.mod': mod('example.com/deeper', 'require example.com/ancient v1.1.0'),
      'deeper.go': 'package deeper\n',
      'deeper_test.go': 'package deeper\n\nimport _ "example.com/ancient"\n',
    },
  },
  {
    module: 'example.com/ancient@v1.1.0',
    files: {
      'go.mod': mod('example.com/ancient', 'go 1.12', 'require example.com/old v1.0.0'),
      'ancient.go': 'package ancient\n',
      'ancient_test.go': 'package ancient\n\nimport _ "example.com/old"\n',
    },
  },
  { module: 'example.com/old@v1.0.0', files: { 'old.go': 'package old\n' } },
  {
    module: 'example.com/deep@v1.0.0',
    files: {
      'go.mod': mod('example.com/deep', 'go 1.15', 'require example.com/deeper v1.0.0'),
      'deep.go': 'package deep\n',
      'deep_test.go': 'package deep\n\nimport _ "example.com/deeper"\n',
    },
  },
  {
    module: 'example.com/pruned@v1.0.0',
    files: {
      'go.mod': mod('example.com/pruned', 'go 1.17', 'require example.com/hidden v1.0.0'),
      'pruned.go': 'package pruned\n',
      'pruned_test.go': 'package pruned\n\nimport _ "example.com/hidden"\n',
    },
  },
  {
    module: 'example.com/hidden@v1.0.0',
    files: {
      'go.mod': mod('example.com/hidden', 'go 1.17', 'require example.com/deeper v1.0.0'),
      'hidden.go': 'package hidden\n',
      'hidden_test.go': 'package hidden\n\nimport _ "example.com/deeper"\n',
    },
  },
  {
    module: 'example.com/old@v2.0.0+incompatible',
    files: { 'old.go': 'package old\n' },
  },
  {
    module: 'example.com/Upper/Case@v1.0.0',
    files: { 'go.mod': mod('example.com/Upper/Case', 'go 1.21'), 'c.go': 'package Case\n' },
  },
  ...['', '/v2'].map((major) => ({
    module: `example.com/major${major}@v${major ? '2.3' : '1.3'}.0`,
    files: { 'go.mod': mod(`example.com/major${major}`, 'go 1.21'), 'm.go': 'package major\n' },
  })),
  {
    module: 'example.com/arm@v1.0.0',
    files: { 'go.mod': mod('example.com/arm', 'go 1.21'), 'arm.go': 'package arm\n' },
  },
  {
    module: 'example.com/commit@v0.0.0-20240101000000-abcdefabcdef',
    files: { 'go.mod': mod('example.com/commit', 'go 1.21'), 'c.go': 'package commit\n' },
  },
  {
    module: 'example.com/cycle@v1.0.0',
    files: {
      'go.mod': mod('example.com/cycle', 'go 1.21', 'require example.com/round v0.1.0'),
      'cycle.go': 'package cycle\n',
    },
  },
  {
    module: 'example.com/round@v0.1.0',
    files: {
      'go.mod': mod('example.com/round', 'go 1.21', 'require example.com/leaf v1.0.0'),
      'round.go': 'package round\n',
    },
  },
  ...['v1.0.0', 'v1.1.0'].map((version) => ({
    module: `example.com/tool@${version}`,
    files: {
      'go.mod': mod(
        'example.com/tool',
        'go 1.21',
        'require example.com/mid v1.0.0',
        'require example.com/leaf v1.0.0 // indirect',
      ),
      'go.sum': '',
      'cmd/hello/main.go': `package main\n\nimport "example.com/mid"\n\nfunc main() { println(mid.Version, "${version}") }\n`,
      'lib/lib.go': 'package lib\n',
    },
  })),
];
