import { GofleetError } from '#errors';
import { readPublicKey, type SshPublicKey } from './public-key.ts';
import { NAMESPACE } from './sshsig.ts';

/** One line of an allowed_signers file: who may sign bundles, with which key, from when until when. */
export interface AllowedSigner {
  /** As written: `release@example.com`, patterns and several of them included. */
  principals: string;
  key: SshPublicKey;
  /** Milliseconds since 1970; undefined: without limit. */
  validAfter: number | undefined;
  validBefore: number | undefined;
  line: number;
}

/**
 * Reads an allowed_signers file of OpenSSH (ALLOWED SIGNERS in ssh-keygen(1)); lines for other namespaces are left out.
 * Throws `invalid_file` with every line that cannot be read: a line that is skipped silently would be a trap.
 */
export function parseAllowedSigners(text: string, file = 'allowed_signers'): AllowedSigner[] {
  const faults: { path: string; line: number; message: string }[] = [];
  const signers = text.split('\n').flatMap((written, index) => {
    const line = index + 1;
    if (/^\s*(#|$)/.test(written)) return [];
    try {
      return parseLine(written.trim(), line);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      faults.push({ path: file, line, message });
      return [];
    }
  });
  if (faults.length === 0) return signers;
  throw new GofleetError('invalid_file', `${file} line ${faults[0]?.line}: ${faults[0]?.message}`, {
    remedy: 'Write each line as `name@example.com namespaces="gofleet-bundle" ssh-ed25519 AAAA…`.',
    errors: faults,
  });
}

function parseLine(text: string, line: number): AllowedSigner[] {
  const words = text.match(/(?:[^\s"]|"(?:\\.|[^"\\])*")+/g) ?? [];
  const [principals = '', ...rest] = words;
  const at = rest.findIndex((word) => /^(?:sk-)?(?:ssh|ecdsa)-/.test(word));
  if (at < 0 || at > 1 || rest[at + 1] === undefined)
    throw new RangeError('expected principals, options, a kind of key and a key');
  const options = parseOptions(at === 1 ? (rest[0] ?? '') : '');
  const key = readPublicKey(Buffer.from(rest[at + 1] ?? '', 'base64'));
  if (key.type !== rest[at]) throw new RangeError(`the key is of the kind ${key.type}`);
  if (options.namespaces && !matchesAny(NAMESPACE, options.namespaces)) return [];
  const { validAfter, validBefore } = options;
  return [{ principals: principals.replaceAll('"', ''), key, validAfter, validBefore, line }];
}

interface Options {
  namespaces?: string;
  validAfter?: number;
  validBefore?: number;
}

function parseOptions(text: string): {
  namespaces: string | undefined;
  validAfter: number | undefined;
  validBefore: number | undefined;
} {
  const options: Options = {};
  for (const option of text.match(/(?:[^,"]|"(?:\\.|[^"\\])*")+/g) ?? []) {
    const [, name = '', value] = /^([a-z-]+)(?:="(.*)")?$/i.exec(option) ?? [];
    switch (name.toLowerCase()) {
      case 'namespaces':
        options.namespaces = required(name, value);
        break;
      case 'valid-after':
        options.validAfter = parseTime(required(name, value));
        break;
      case 'valid-before':
        options.validBefore = parseTime(required(name, value));
        break;
      case 'cert-authority':
        throw new RangeError('certificates are not supported; list the key itself');
      default:
        throw new RangeError(`the option ${JSON.stringify(option)} is not known`);
    }
  }
  const { namespaces, validAfter, validBefore } = options;
  return { namespaces, validAfter, validBefore };
}

function required(name: string, value: string | undefined): string {
  if (value === undefined) throw new RangeError(`the option ${name} needs a value: ${name}="…"`);
  return value;
}

/** `YYYYMMDD` or `YYYYMMDDHHMM[SS]`, with `Z` in UTC, else in the local time of this machine, as ssh-keygen has it. */
function parseTime(text: string): number {
  const [, date, hour = '00', minute = '00', second = '00', zone = ''] =
    /^(\d{8})(?:(\d\d)(\d\d)(\d\d)?)?(Z?)$/.exec(text) ?? [];
  const day = date?.replace(/^(....)(..)(..)$/, '$1-$2-$3');
  const instant = Date.parse(`${day}T${hour}:${minute}:${second}${zone}`);
  if (Number.isNaN(instant))
    throw new RangeError(`${JSON.stringify(text)} is no time such as 20270101 or 202701011200Z`);
  return instant;
}

/** Whether a name matches a list of patterns with `*`, `?` and `!`, as OpenSSH matches them. */
export function matchesAny(name: string, patterns: string): boolean {
  let matched = false;
  for (const pattern of patterns.split(',')) {
    const negated = pattern.startsWith('!');
    if (!matchesPattern(name, negated ? pattern.slice(1) : pattern)) continue;
    if (negated) return false;
    matched = true;
  }
  return matched;
}

function matchesPattern(name: string, pattern: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${source}$`).test(name);
}
