/** Larger files are no licences. */
const MOST_BYTES = 1 << 20;

/**
 * Whether a file of a module says under which licence it is, or a part of it: LICENSE, LICENCE.txt, MIT-LICENSE,
 * UNLICENSE, COPYING and so on, in any folder that go looks into. `name` is a path below the module.
 */
export function isLicenceFile(name: string, size: number): boolean {
  const parts = name.split('/');
  const base = parts.pop() ?? '';
  if (size > MOST_BYTES || !LICENCE.test(base) || SOURCE.test(base)) return false;
  return !parts.some((folder) => /^[._]|^testdata$/.test(folder));
}

const LICENCE = /^(?:(?:.*[._-])?(?:un)?licen[cs]e|copying)(?:[._-].*)?$/i;
/** Code about licences, and templates of them. */
const SOURCE = /\.(?:go|s|c|h|py|sh|js|ts|ya?ml|json|toml|html?|css|tmpl|tpl|golden|svg|png)$/i;
