import spdx from 'spdx-license-list/full.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { isLicenceFile } from './licence-files.ts';
import { openLicences, type Licences } from './licenses.ts';

let licences: Licences;
beforeAll(() => {
  licences = openLicences();
});

async function of(...texts: string[]): Promise<string[]> {
  return licences.of(texts.map((text) => Buffer.from(text)));
}

function textOf(id: string): string {
  return spdx[id]?.licenseText ?? '';
}

describe('licence texts', () => {
  it.each([
    'MIT',
    'MIT-0',
    'Apache-2.0',
    'BSD-2-Clause',
    'BSD-3-Clause',
    'BSD-4-Clause',
    'ISC',
    '0BSD',
    'MPL-2.0',
    'MPL-1.1',
    'GPL-2.0-only',
    'GPL-3.0-only',
    'LGPL-2.1-only',
    'LGPL-3.0-only',
    'AGPL-3.0-only',
    'EPL-2.0',
    'CC0-1.0',
    'CC-BY-4.0',
    'CC-BY-SA-4.0',
    'Unlicense',
    'Zlib',
    'BSL-1.0',
    'JSON',
    'BUSL-1.1',
    'SSPL-1.0',
    'WTFPL',
    'EUPL-1.2',
  ])('%s is recognised', async (id) => {
    expect(await of(textOf(id))).toEqual([id]);
  });

  it('who holds the copyright, case, line breaks and numbering are of no matter', async () => {
    const text = textOf('BSD-3-Clause')
      .replace('<year> <owner>', '2009 The Go Authors')
      .replace('the copyright holder nor', 'Google Inc. nor')
      .replaceAll(/^\d\. /gm, '   * ')
      .replaceAll(/ (?=\S+ \S+ \S+ \S+ \S+$)/gm, '\n//  ')
      .toUpperCase();
    expect(await of(text)).toEqual(['BSD-3-Clause']);
  });

  it('the ISC licence of somebody else is not taken for the shorter one in it', async () => {
    const text = textOf('ISC').replaceAll(/\bISC (?=DISCLAIMS|BE)/g, 'THE AUTHOR ');
    expect(await of(text)).toEqual(['ISC']);
    expect(await of(text.replace('copyright notice', '\ncopyright notice'))).toEqual(['ISC']);
  });

  it('the Apache licence without its appendix is one, and its notice alone stands for it', async () => {
    const [terms = '', appendix = ''] = textOf('Apache-2.0').split('END OF TERMS AND CONDITIONS');
    expect(await of(terms)).toEqual(['Apache-2.0']);
    expect(await of(appendix.slice(appendix.indexOf('Copyright [yyyy]')))).toEqual(['Apache-2.0']);
  });

  it('a file with two licences has both', async () => {
    expect(await of(`${textOf('MIT')}\n\n${textOf('BSD-3-Clause')}`)).toEqual([
      'BSD-3-Clause',
      'MIT',
    ]);
  });

  it('files of one module add up', async () => {
    expect(await of(textOf('MIT'), textOf('Apache-2.0'), textOf('MIT'))).toEqual([
      'Apache-2.0',
      'MIT',
    ]);
  });

  it('what nobody published is not asserted, and no file is no licence', async () => {
    expect(await of('All of this belongs to us. You may look at it on Sundays.')).toEqual([
      'NOASSERTION',
    ]);
    expect(await of()).toEqual(['NONE']);
  });

  it('terms that are added to a licence are not passed over', async () => {
    const words = 'The licensee shall furthermore bring a cake to each release party of ours. ';
    expect(await of(`${textOf('MIT')}\n${words.repeat(10)}`)).toEqual(['MIT', 'NOASSERTION']);
  });
});

it.each([
  ['LICENSE', true],
  ['licence.md', true],
  ['LICENSE-APACHE', true],
  ['MIT-LICENSE.txt', true],
  ['COPYING.LESSER', true],
  ['UNLICENSE', true],
  ['third_party/d3/LICENSE', true],
  ['LICENSE.libyaml', true],
  ['license.go', false],
  ['license_test.go', false],
  ['licenses.json', false],
  ['NOTICE', false],
  ['testdata/LICENSE', false],
  ['.tool/check-license', false],
  ['_old/LICENSE', false],
])('%s is a licence file: %s', (name, is) => {
  expect(isLicenceFile(name, 1000)).toBe(is);
});

it('a file of many megabytes is no licence', () => {
  expect(isLicenceFile('LICENSE', 5_000_000)).toBe(false);
});
