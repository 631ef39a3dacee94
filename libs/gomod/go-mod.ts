import { GofleetError } from '#errors';
import { readDirectives, type Directive } from './go-mod-lines.ts';

/** A module at a version, as in `example.com/m v1.2.3`. */
export interface ModuleVersion {
  path: string;
  version: string;
}

/** `old [version] => new [version]`; a `new` without a version is a folder. */
export interface Replacement {
  old: { path: string; version: string | undefined };
  new: { path: string; version: string | undefined };
  line: number;
}

/** What a go.mod says (https://go.dev/ref/mod#go-mod-file), with what gofleet does not use left out. */
export interface GoMod {
  module: string;
  /** The `go` line, such as `1.21` or `1.21.5`. */
  go: string | undefined;
  toolchain: string | undefined;
  require: (ModuleVersion & { indirect: boolean })[];
  replace: Replacement[];
  exclude: ModuleVersion[];
  /** Versions and ranges, both ends included. */
  retract: { low: string; high: string }[];
  tool: string[];
}

/** Parses a go.mod. Throws `invalid_file` with the line. */
export function parseGoMod(text: string, name = 'go.mod'): GoMod {
  const mod: GoMod = {
    module: '',
    go: undefined,
    toolchain: undefined,
    require: [],
    replace: [],
    exclude: [],
    retract: [],
    tool: [],
  };
  for (const directive of readDirectives(text, name)) apply(mod, directive, name);
  if (mod.module === '') throw wrong(name, 1, 'has no module line');
  return mod;
}

/** Whether a replacement is a folder and not a module. */
export function isFolder({ new: to }: Replacement): boolean {
  return to.version === undefined;
}

function apply(mod: GoMod, directive: Directive, name: string): void {
  const { verb, words, line, comment } = directive;
  const [first = '', second = ''] = words;
  const expect = (...counts: number[]): void => {
    if (!counts.includes(words.length)) throw wrong(name, line, `${verb} is not understood here`);
  };
  switch (verb) {
    case 'module':
      expect(1);
      mod.module = first;
      break;
    case 'go':
      expect(1);
      mod.go = first;
      break;
    case 'toolchain':
      expect(1);
      mod.toolchain = first;
      break;
    case 'require':
      expect(2);
      mod.require.push({ path: first, version: second, indirect: /^indirect\b/.test(comment) });
      break;
    case 'exclude':
      expect(2);
      mod.exclude.push({ path: first, version: second });
      break;
    case 'replace':
      mod.replace.push(replacement(directive, name));
      break;
    case 'retract':
      mod.retract.push(retracted(directive, name));
      break;
    case 'tool':
      expect(1);
      mod.tool.push(first);
      break;
    case 'godebug':
    case 'ignore':
      break;
    default:
      throw wrong(name, line, `unknown directive ${JSON.stringify(verb)}`);
  }
}

/** `old [version] => new [version]`, of a go.mod or go.work. Throws `invalid_file`. */
export function replacement({ words, line }: Directive, name: string): Replacement {
  const arrow = words.indexOf('=>');
  const [old, oldVersion] = words.slice(0, arrow);
  const [to, toVersion] = words.slice(arrow + 1);
  const counts = arrow >= 1 && arrow <= 2 && [1, 2].includes(words.length - arrow - 1);
  if (!counts || old === undefined || to === undefined)
    throw wrong(name, line, 'replace must be `module [version] => module version` or `=> folder`');
  return {
    old: { path: old, version: oldVersion },
    new: { path: to, version: toVersion },
    line,
  };
}

function retracted({ words, line }: Directive, name: string): { low: string; high: string } {
  const versions = words
    .join(' ')
    .replaceAll(/[[\],]/g, ' ')
    .split(' ')
    .filter(Boolean);
  const [low, high = low] = versions;
  if (low === undefined || high === undefined || versions.length > 2)
    throw wrong(name, line, 'retract must be a version or [low, high]');
  return { low, high };
}

function wrong(name: string, line: number, message: string): GofleetError {
  return new GofleetError('invalid_file', `${name} line ${line}: ${message}`, {
    remedy: 'Correct it; `go mod edit -json` shows how go reads it.',
    errors: [{ path: '', line, message }],
  });
}
