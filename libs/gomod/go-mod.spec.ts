import { describe, expect, it } from 'vitest';
import { isFolder, parseGoMod } from '#gomod';

const FULL = `// Deprecated: use v2
module "example.com/app" // here

go 1.21.5
toolchain go1.22.0

require github.com/a/b v1.2.3
require (
	github.com/C/d/v2 v2.0.0-20210101000000-abcdefabcdef // indirect
	gopkg.in/yaml.v3 v3.0.1 // indirect; why
)
exclude github.com/a/b v1.2.2
replace (
	github.com/a/b v1.2.3 => github.com/fork/b v1.2.4
	github.com/x/y => ../y
	github.com/x/z => \`./with space\`
)
retract v1.0.0
retract [v1.1.0, v1.2.0] // bad
tool golang.org/x/tools/cmd/stringer
godebug default=go1.21
ignore ./node_modules
require ()
`;

describe('go.mod', () => {
  it('is read in every form', () => {
    const mod = parseGoMod(FULL);
    expect(mod).toMatchObject({
      module: 'example.com/app',
      go: '1.21.5',
      toolchain: 'go1.22.0',
      require: [
        { path: 'github.com/a/b', version: 'v1.2.3', indirect: false },
        { path: 'github.com/C/d/v2', indirect: true },
        { path: 'gopkg.in/yaml.v3', version: 'v3.0.1', indirect: true },
      ],
      exclude: [{ path: 'github.com/a/b', version: 'v1.2.2' }],
      retract: [
        { low: 'v1.0.0', high: 'v1.0.0' },
        { low: 'v1.1.0', high: 'v1.2.0' },
      ],
      tool: ['golang.org/x/tools/cmd/stringer'],
    });
    expect(mod.replace.map((each) => [each.new.path, isFolder(each), each.line])).toEqual([
      ['github.com/fork/b', false, 14],
      ['../y', true, 15],
      ['./with space', true, 16],
    ]);
  });

  it.each([
    ['', 1, /no module line/],
    ['module m\nrequire a\n', 2, /require is not understood/],
    ['module m\n\nrequires a v1.0.0\n', 3, /unknown directive "requires"/],
    ['module m\nrequire (\n', 3, /never ends/],
    ['module m\nreplace a b\n', 2, /replace must be/],
    ['module m\nretract [v1, v2, v3]\n', 2, /retract must be/],
    ['module "m\n', 1, /cannot be read/],
  ])('%j is refused at line %d', (text, line, message) => {
    expect(() => parseGoMod(text)).toThrow(message);
    expect(() => parseGoMod(text)).toThrow(
      expect.objectContaining({ errors: [expect.objectContaining({ line })] }),
    );
  });
});
